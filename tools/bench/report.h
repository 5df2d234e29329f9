#pragma once

#include <string>
#include <vector>

#include "tools/bench/scenario_results.h"

namespace respublica::bench {

/// Who was measured, and how.
struct ReportHeading {
  std::string our_name;
  std::string peer_name;    ///< empty: no peer
  std::string our_version;  ///< what INFO says; empty: nothing
  std::string peer_version;
  std::string command_line;
  std::size_t runs = 0;
};

/// The scenario as a table for people: median [min..max] of each metric for both servers, and the ratio.
std::string table_of(const ReportHeading& heading, const ScenarioResults& results);

/// One line per scenario with its first metric and the median ratio.
std::string overview_of(const ReportHeading& heading, const std::vector<ScenarioResults>& all);

/// Everything, with the value of every run, as JSON.
std::string json_of(const ReportHeading& heading, const std::vector<ScenarioResults>& all);

}  // namespace respublica::bench
