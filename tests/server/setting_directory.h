#pragma once
// A directory of a test's own for configuration files.

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace respublica {

/// Made with the object, removed with it.
class SettingDirectory {
 public:
  SettingDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "respublica-settings-XXXXXX").string();
    path_ = std::filesystem::canonical(::mkdtemp(name.data())).string();
  }
  SettingDirectory(const SettingDirectory&) = delete;
  SettingDirectory& operator=(const SettingDirectory&) = delete;
  ~SettingDirectory() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }
  std::string path_of(const std::string& file) const { return path_ + "/" + file; }

  /// Writes a file and returns its path.
  std::string write(const std::string& file, const std::string& text) const {
    std::ofstream(path_of(file)) << text;
    return path_of(file);
  }

  std::string read(const std::string& file) const {
    std::ifstream stream(path_of(file));
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  std::string path_;
};

}  // namespace respublica
