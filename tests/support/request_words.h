#pragma once
// Requests as lines, for tests of arguments.

#include <algorithm>
#include <string_view>
#include <vector>

namespace respublica {

/// The words of a line, as views of it.
inline std::vector<std::string_view> cut(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

}  // namespace respublica
