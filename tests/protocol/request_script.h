#pragma once
// Runs a client's bytes through a RequestParser as a session would, in pieces of any size.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/request_parser.h"

namespace respublica::testing {

/// How the bytes reach the parser.
struct Feeding {
  /// Bytes that come at a time.
  std::size_t piece;
  /// Whether large bulk strings are read into blocks.
  enum class Blocks : bool { no, yes } blocks = Blocks::no;
};

/// Bytes in memory of exactly their size, so that a sanitizer sees any read beyond them, or after the next call.
class ExactCopy {
 public:
  explicit ExactCopy(std::string_view bytes) : bytes_(new char[bytes.size()]), size_(bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), bytes_.get());
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

inline std::string describe(const Arguments& arguments) {
  std::string text;
  for (const std::string_view argument : arguments.views()) text.append(text.empty() ? "[" : ",").append(argument);
  return text + "]";
}

/// What the parser made of the script: "[PUBLISH,channel,payload]" for a request, and at the end "error: <sentence>",
/// "close" or, when bytes are left that make no request yet, "<n> bytes wait".
class RequestScript {
 public:
  RequestScript(std::string_view script, const ParseLimits& limits, Feeding feeding)
      : script_(script), limits_(limits), feeding_(feeding) {}

  std::vector<std::string> run() {
    feed();
    while (step()) {
    }
    return std::move(outcome_);
  }

 private:
  bool step() {
    if (buffer_.empty() && !feed()) return false;
    const ExactCopy input(buffer_);
    switch (parser_.parse(input.view(), limits_)) {
      case RequestParser::Status::request:
        if (parser_.arguments().size() != 0) outcome_.push_back(describe(parser_.arguments()));
        buffer_.erase(0, parser_.consumed());
        return true;
      case RequestParser::Status::error:
        outcome_.push_back("error: " + parser_.error());
        return false;
      case RequestParser::Status::close:
        outcome_.push_back("close");
        return false;
      case RequestParser::Status::need_more:
        break;
    }
    RequestParser moved = std::move(parser_);  // as a session does with a request that is not finished
    parser_ = std::move(moved);
    if (feeding_.blocks == Feeding::Blocks::yes && adopt()) return true;
    if (feed()) return true;
    outcome_.push_back(std::to_string(buffer_.size()) + " bytes wait");
    return false;
  }

  bool feed() {
    const std::string_view piece = script_.substr(0, feeding_.piece);
    script_.remove_prefix(piece.size());
    buffer_ += piece;
    return !piece.empty();
  }

  bool adopt() {
    const std::size_t wanted = parser_.wanted_bulk();
    if (wanted == 0) return false;
    const std::string_view have = std::string_view(buffer_).substr(parser_.bulk_start());
    const std::size_t missing = wanted + 2 - have.size();
    if (script_.size() < missing) return false;
    SharedBytes block = SharedBytes::allocate(wanted + 2);
    std::memcpy(block.data(), have.data(), have.size());
    std::memcpy(block.data() + have.size(), script_.data(), missing);
    script_.remove_prefix(missing);
    buffer_.resize(parser_.bulk_start());
    parser_.adopt_bulk(std::move(block));
    return true;
  }

  std::string_view script_;
  ParseLimits limits_;
  Feeding feeding_;
  RequestParser parser_;
  std::string buffer_;
  std::vector<std::string> outcome_;
};

}  // namespace respublica::testing
