#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/seeded_random.h"
#include "tests/support/simulated_file.h"

namespace respublica::test {

/// Names of files, as lookups see them and as the disk has them. What was changed since the last sync may or may not be
/// on the disk: of one name the changes happen in their order, those of another name on their own. A rename is one
/// change of two names.
///
/// Thread: its owner's.
class SimulatedDirectory {
 public:
  using File = std::shared_ptr<SimulatedFile>;
  using Files = std::map<std::string, File>;

  const Files& files() const { return current_; }
  /// nullptr when there is none.
  File find(const std::string& name) const;

  void add(const std::string& name, const File& file) { change({"", name, file}); }
  /// There is a file `from`.
  void rename(const std::string& from, const std::string& to) { change({from, to, find(from)}); }
  void remove(const std::string& name) { change({name, "", nullptr}); }

  void sync();
  /// Some of what was not synced is on the disk, the rest never happened.
  void crash(SeededRandom& random);

 private:
  /// A name goes (if not empty), then a name has a file (if not empty).
  struct Change {
    std::string from;
    std::string to;
    File file;
  };

  static void apply(const Change& change, Files& files);
  void change(const Change& change);
  /// For each unsynced change the number of the first one that is connected with it through names.
  std::vector<std::size_t> groups() const;

  Files current_;
  Files durable_;
  std::vector<Change> unsynced_;
};

}  // namespace respublica::test
