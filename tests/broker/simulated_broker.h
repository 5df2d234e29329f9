#pragma once
// What lives of a broker on a simulated disk need.

#include <atomic>
#include <condition_variable>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/broker/sequencer_fixture.h"
#include "tests/support/simulated_disk.h"

namespace respublica::test {

/// Shows a disk that outlives it.
class BorrowedDisk final : public FileSystem {
 public:
  explicit BorrowedDisk(SimulatedDisk& disk) : disk_(disk) {}

  Result<std::unique_ptr<LogFile>> create(const std::string& name) override { return disk_.create(name); }
  Result<std::unique_ptr<LogFile>> open(const std::string& name) override { return disk_.open(name); }
  Result<std::vector<std::string>> list() override { return disk_.list(); }
  Result<void> rename(const std::string& from, const std::string& to) override { return disk_.rename(from, to); }
  Result<void> remove(const std::string& name) override { return disk_.remove(name); }
  Result<void> sync_directory() override { return disk_.sync_directory(); }
  Result<void> lock() override { return disk_.lock(); }

 private:
  SimulatedDisk& disk_;
};

/// Has no subscribers. The work that is waited for when the log fails is never answered.
class FailingListener final : public SequencerListener {
 public:
  std::uint64_t deliver(std::span<const StreamBatch::LiveEntry>) override { return 0; }
  void appended(const std::vector<std::string_view>&) override {}
  void happened(const std::vector<KeyEvent>&) override {}
  void upkeep_failed(const Error&) override {}
  void gave_back(std::uint64_t) override { ++gave_back_; }
  std::shared_ptr<const DurableRules> rules() override { return rules_; }
  /// Before there is a sequencer that may ask.
  void set_rules(std::shared_ptr<const DurableRules> rules) { rules_ = std::move(rules); }
  void log_failed(const Error&) override {
    const MutexLock lock(mutex_);
    failed_ = true;
    changed_.notify_all();
  }

  void begin_life() {
    const MutexLock lock(mutex_);
    failed_ = false;
    answers_.clear();
  }
  void submit(Sequencer& sequencer, std::vector<DurableCommand> commands) {
    sequencer.submit({std::move(commands), [this](std::vector<DurableOutcome> outcomes) {
                        const MutexLock lock(mutex_);
                        answers_.push_back(std::move(outcomes));
                        changed_.notify_all();
                      }});
  }
  /// A work that was submitted has been neither answered nor lost.
  bool is_awaited() {
    const MutexLock lock(mutex_);
    return answers_.empty() && !failed_;
  }
  /// The answers to so many works that were submitted, in their order; fewer when the log has failed.
  std::vector<std::vector<DurableOutcome>> wait_for(std::size_t works) {
    const MutexLock lock(mutex_);
    while (answers_.size() < works && !failed_) changed_.wait(mutex_);
    return std::exchange(answers_, {});
  }
  std::uint64_t times_given_back() const { return gave_back_; }

 private:
  std::shared_ptr<const DurableRules> rules_ = std::make_shared<DurableRules>();
  std::atomic<std::uint64_t> gave_back_{0};
  Mutex mutex_;
  std::condition_variable_any changed_;
  bool failed_ GUARDED_BY(mutex_) = false;
  std::vector<std::vector<DurableOutcome>> answers_ GUARDED_BY(mutex_);
};

/// A broker that looks after its log all the time; not started.
inline std::unique_ptr<Sequencer> sequencer_on(SimulatedDisk& disk, LogOptions options, UpkeepLimits upkeep,
                                               AppendSync policy, const Clock& clock, SequencerListener& listener) {
  auto sequencer = std::make_unique<Sequencer>(
      [&disk] { return Result<std::unique_ptr<FileSystem>>(std::make_unique<BorrowedDisk>(disk)); }, options, clock,
      listener, upkeep, RetentionLimits{std::chrono::milliseconds(1), 1ULL << 30});
  sequencer->set_append_sync(policy);
  return sequencer;
}

}  // namespace respublica::test
