#pragma once
// A client of a broker that may be killed, and what it has seen.

#include <stdexcept>
#include <thread>
#include <utility>

namespace respublica::test {

/// Works on a thread of its own until the broker is gone, or until `work` returns: a function that is given the Ledger
/// in which it writes down what it sees.
template <typename Ledger>
class LedgerWorker {
 public:
  template <typename Work>
  explicit LedgerWorker(Work work) {
    thread_ = std::thread([this, work = std::move(work)] {
      try {
        work(ledger_);
      } catch (const std::runtime_error&) {
        // The broker is gone.
      }
    });
  }

  /// Waits for the end of the work.
  const Ledger& join() {
    thread_.join();
    return ledger_;
  }

 private:
  Ledger ledger_;
  std::thread thread_;
};

}  // namespace respublica::test
