#pragma once

#include <string>
#include <vector>

namespace respublica::bench {

enum class Better { lower, higher, neither };

/// One number that one run of a scenario measured.
struct Metric {
  std::string name;  ///< "CPU/PUBLISH"
  std::string unit;  ///< "ns"
  double value = 0;
  Better better = Better::lower;
};

/// All numbers of one run; the first one is what the scenario is about. Every run of a scenario against one server
/// has the same metrics in the same order.
using Metrics = std::vector<Metric>;

}  // namespace respublica::bench
