#pragma once

#include <hiredis/async.h>

#include <functional>

// Drives one asynchronous hiredis connection with poll(2), in place of an event library. Owner: a test. Thread: its
// own.
class PollLoop {
 public:
  // Takes over the event hooks of the connection, which must outlive this loop or end within run_until.
  explicit PollLoop(redisAsyncContext* context);

  // Serves the connection until the condition holds; throws after kDeadline.
  void run_until(const char* what, const std::function<bool()>& condition);

 private:
  redisAsyncContext* context_;
  bool reading_ = false;
  bool writing_ = false;
};
