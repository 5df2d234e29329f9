#pragma once
// What a sequencer needs around it, for tests.

#include <atomic>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "broker/sequencer.h"
#include "storage/checkpoint_file.h"
#include "storage/memory_file_system.h"

namespace respublica::test {

/// Thread: any.
class SetClock final : public Clock {
 public:
  void set(std::uint64_t ms) { ms_.store(ms); }
  WallTime wall_now() const override { return WallTime(std::chrono::milliseconds(ms_.load())); }

 private:
  std::atomic<std::uint64_t> ms_{1000};
};

/// Both kinds of time stand still until it is moved; for a sequencer that is moved by hand, too.
///
/// Thread: its owner's.
class HandClock final : public Clock {
 public:
  void pass(std::chrono::milliseconds time) { now_ += time; }
  WallTime wall_now() const override { return WallTime(now_); }
  SteadyTime steady_now() const override { return SteadyTime(now_); }

 private:
  std::chrono::milliseconds now_{1000};
};

/// The one rule, which is as in the setting.
inline std::shared_ptr<const DurableRules> rules_of(const std::string& rule) {
  std::istringstream stream(rule);
  const std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
  Result<DurableRule> parsed = parse_durable_rule(words);
  if (!parsed) throw std::runtime_error(parsed.error().message);
  auto rules = std::make_shared<DurableRules>();
  rules->add(std::move(parsed.value()));
  return rules;
}

/// Has no subscribers, and expects no failure unless it is told where to put them.
class QuietListener final : public SequencerListener {
 public:
  std::uint64_t deliver(std::span<const StreamBatch::LiveEntry>) override { return 0; }
  void appended(const std::vector<std::string_view>&) override {}
  void happened(const std::vector<KeyEvent>&) override {}
  void upkeep_failed(const Error& error) override {
    if (failures_ == nullptr) throw std::runtime_error(error.message);
    failures_->push_back(error.message);
  }
  void gave_back(std::uint64_t) override {}
  std::shared_ptr<const DurableRules> rules() override { return rules_; }
  /// Before there is a sequencer that may ask.
  void set_rules(std::shared_ptr<const DurableRules> rules) { rules_ = std::move(rules); }
  void log_failed(const Error& error) override { throw std::runtime_error(error.message); }
  /// Upkeep may fail from now on.
  void put_failures(std::vector<std::string>& failures) { failures_ = &failures; }

 private:
  std::vector<std::string>* failures_ = nullptr;
  std::shared_ptr<const DurableRules> rules_ = std::make_shared<DurableRules>();
};

/// Files in memory that outlive the FileSystem objects which show them. Each change is shown to a hook first, by name
/// ("create", "create checkpoint", "write", "sync", "preallocate"...), which may fail it, or take its time.
///
/// Thread: any; the hook is called on the thread of the change.
class ObservedDisk {
 public:
  using Hook = std::function<Result<void>(std::string_view operation)>;

  /// Before others use the disk.
  void observe(Hook hook) { hook_ = std::move(hook); }
  Result<void> before(std::string_view operation) { return hook_ ? hook_(operation) : Result<void>(); }
  MemoryFileSystem& files() { return files_; }
  /// How often files have been read.
  std::uint64_t reads() const { return reads_.load(); }
  void count_read() { reads_.fetch_add(1); }

 private:
  MemoryFileSystem files_{1ULL << 30};
  Hook hook_;
  std::atomic<std::uint64_t> reads_{0};
};

/// Thread: as LogFile.
class ObservedFile final : public LogFile {
 public:
  ObservedFile(ObservedDisk& disk, std::unique_ptr<LogFile> file) : disk_(disk), file_(std::move(file)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const override {
    disk_.count_read();
    return file_->read_at(offset, into);
  }
  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    if (Result<void> before = disk_.before("write"); !before) return before;
    return file_->write_at(offset, bytes);
  }
  Result<void> sync() override { return disk_.before("sync"); }
  Result<void> preallocate(std::uint64_t size) override {
    if (Result<void> before = disk_.before("preallocate"); !before) return before;
    return file_->preallocate(size);
  }
  Result<void> occupy(std::uint64_t begin, std::uint64_t end) override { return file_->occupy(begin, end); }
  Result<void> truncate(std::uint64_t size) override { return file_->truncate(size); }
  Result<std::uint64_t> size() const override { return file_->size(); }

 private:
  ObservedDisk& disk_;
  std::unique_ptr<LogFile> file_;
};

/// Thread: its owner's.
class ObservedFiles final : public FileSystem {
 public:
  explicit ObservedFiles(std::shared_ptr<ObservedDisk> disk) : disk_(std::move(disk)) {}

  Result<std::unique_ptr<LogFile>> create(const std::string& name) override {
    const bool is_checkpoint = is_unfinished_checkpoint_name(name);
    if (Result<void> before = disk_->before(is_checkpoint ? "create checkpoint" : "create"); !before) {
      return before.error();
    }
    return observed(disk_->files().create(name));
  }
  Result<std::unique_ptr<LogFile>> open(const std::string& name) override {
    return observed(disk_->files().open(name));
  }
  Result<std::vector<std::string>> list() override { return disk_->files().list(); }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return disk_->files().rename(from, to);
  }
  Result<void> remove(const std::string& name) override { return disk_->files().remove(name); }
  Result<void> sync_directory() override { return disk_->before("sync_directory"); }
  Result<void> lock() override { return disk_->before("lock"); }

 private:
  Result<std::unique_ptr<LogFile>> observed(Result<std::unique_ptr<LogFile>> file) {
    if (!file) return file;
    return std::unique_ptr<LogFile>(std::make_unique<ObservedFile>(*disk_, std::move(file.value())));
  }

  std::shared_ptr<ObservedDisk> disk_;
};

inline Sequencer::OpenFiles opener(std::shared_ptr<ObservedDisk> disk) {
  return [disk = std::move(disk)]() -> Result<std::unique_ptr<FileSystem>> {
    return std::unique_ptr<FileSystem>(std::make_unique<ObservedFiles>(disk));
  };
}

/// Outcomes of a work, once they are there.
using Outcomes = std::future<std::vector<DurableOutcome>>;

inline Outcomes submit(Sequencer& sequencer, std::vector<DurableCommand> commands) {
  const auto promise = std::make_shared<std::promise<std::vector<DurableOutcome>>>();
  Outcomes outcomes = promise->get_future();
  sequencer.submit(
      {std::move(commands), [promise](std::vector<DurableOutcome> done) { promise->set_value(std::move(done)); }});
  return outcomes;
}

/// Submits one work and waits for it.
inline std::vector<DurableOutcome> commit(Sequencer& sequencer, std::vector<DurableCommand> commands) {
  return submit(sequencer, std::move(commands)).get();
}

}  // namespace respublica::test
