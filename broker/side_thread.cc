#include "broker/side_thread.h"

#include <pthread.h>

#include <utility>

namespace respublica {

void SideThread::run(std::function<Result<void>()> step, std::function<void()> next,
                     std::function<void(const Error&)> failed) {
  {
    const MutexLock lock(mutex_);
    if (ending_) return;
    steps_.push_back({std::move(step), std::move(next), std::move(failed)});
  }
  wake_.notify_one();
  if (!by_hand_ && !thread_.joinable()) thread_ = std::thread([this] { work(); });
}

void SideThread::finish_done() {
  std::vector<std::function<void()>> done;
  {
    const MutexLock lock(mutex_);
    done.swap(done_);
  }
  for (const std::function<void()>& next : done) next();
}

void SideThread::stop() {
  {
    const MutexLock lock(mutex_);
    ending_ = true;
    steps_.clear();
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SideThread::work() {
  ::pthread_setname_np(::pthread_self(), "upkeep");
  while (true) {
    {
      const MutexLock lock(mutex_);
      while (steps_.empty() && !ending_) wake_.wait(mutex_);
      if (ending_) return;
    }
    do_step();
  }
}

bool SideThread::do_step() {
  Step step;
  {
    const MutexLock lock(mutex_);
    if (steps_.empty()) return false;
    step = std::move(steps_.front());
    steps_.pop_front();
  }
  const Result<void> done = step.step();
  // What the step holds goes before its owner hears of it.
  step.step = nullptr;
  {
    const MutexLock lock(mutex_);
    if (done) {
      done_.push_back(std::move(step.next));
    } else {
      done_.push_back([failed = std::move(step.failed), error = done.error()] { failed(error); });
    }
  }
  wake_owner_();
  return true;
}

}  // namespace respublica
