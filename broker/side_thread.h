#pragma once
// A thread for slow work that another thread must not wait for.

#include <condition_variable>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"

namespace respublica {

/// Does steps of work one after the other; its owner's thread goes on with what follows each, when it has time. The
/// thread begins with the first step.
///
/// Thread: its owner's.
class SideThread {
 public:
  /// `wake` is called on the side thread when finish_done() has something to do.
  explicit SideThread(std::function<void()> wake) : wake_owner_(std::move(wake)) {}
  ~SideThread() { stop(); }
  SideThread(const SideThread&) = delete;
  SideThread& operator=(const SideThread&) = delete;

  /// Has `step` done aside. finish_done() will call `next`, or `failed` with its error.
  void run(std::function<Result<void>()> step, std::function<void()> next, std::function<void(const Error&)> failed)
      EXCLUDES(mutex_);
  /// From now on there is no thread: do_step() does the steps. Before run().
  void use_by_hand() { by_hand_ = true; }
  /// Does one step on this thread; false when there is none.
  bool do_step() EXCLUDES(mutex_);
  /// Calls what follows the steps that are done.
  void finish_done() EXCLUDES(mutex_);
  /// Waits for the step that is being done; the others are not done any more.
  void stop() EXCLUDES(mutex_);

 private:
  struct Step {
    std::function<Result<void>()> step;
    std::function<void()> next;
    std::function<void(const Error&)> failed;
  };

  void work() EXCLUDES(mutex_);

  const std::function<void()> wake_owner_;
  std::thread thread_;
  bool by_hand_ = false;
  Mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Step> steps_ GUARDED_BY(mutex_);
  std::vector<std::function<void()>> done_ GUARDED_BY(mutex_);
  bool ending_ GUARDED_BY(mutex_) = false;
};

}  // namespace respublica
