#pragma once
// A sequencer without a thread.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/broker/sequencer_parts.h"

namespace respublica::test {

/// Nothing moves it but the test, time included, and the disk writes down what is done to it.
struct SequencerByHand {
  SequencerByHand() {
    disk->observe([this](std::string_view operation) -> Result<void> {
      operations.emplace_back(operation);
      return {};
    });
    sequencer.start_by_hand();
  }

  std::vector<DurableOutcome> commit(std::vector<DurableCommand> commands) {
    Outcomes outcomes = submit(sequencer, std::move(commands));
    sequencer.turn();
    return outcomes.get();
  }
  /// So much later the thread would look, if it is due by then.
  void pass(std::chrono::milliseconds time) {
    clock.pass(time);
    if (sequencer.due() && *sequencer.due() <= clock.steady_now()) sequencer.turn();
  }

  std::vector<std::string> operations;
  std::shared_ptr<ObservedDisk> disk = std::make_shared<ObservedDisk>();
  HandClock clock;
  QuietListener listener;
  Sequencer sequencer{opener(disk), LogOptions{}, clock, listener};
};

}  // namespace respublica::test
