#include "tools/bench/report.h"

#include <fmt/format.h>

#include <cmath>

namespace respublica::bench {

namespace {

/// 12,345 or 123.4 or 1.23.
std::string number(double value) {
  const double size = std::abs(value);
  if (size >= 1000) {
    const std::string digits = fmt::format("{:.0f}", size);
    std::string text = value < 0 ? "-" : "";
    for (std::size_t i = 0; i < digits.size(); ++i) {
      if (i > 0 && (digits.size() - i) % 3 == 0) {
        text += ',';
      }
      text += digits[i];
    }
    return text;
  }
  return fmt::format("{:.{}f}", value, size >= 100 ? 1 : 2);
}

std::string cell(const Spread& spread) {
  return fmt::format("{} [{}..{}]", number(spread.median), number(spread.min), number(spread.max));
}

std::string ratio_cell(const MetricSummary& summary) {
  return summary.ratio
             ? fmt::format("{:.2f}x [{:.2f}..{:.2f}]", summary.ratio->median, summary.ratio->min, summary.ratio->max)
             : "";
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') {
      result += '\\';
      result += byte;
    } else if (static_cast<unsigned char>(byte) < 0x20) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned char>(byte));
    } else {
      result += byte;
    }
  }
  return result + '"';
}

std::string json_numbers(const std::vector<double>& values) {
  std::string list;
  for (const double value : values) {
    list += fmt::format("{}{:.6g}", list.empty() ? "" : ", ", value);
  }
  return "[" + list + "]";
}

std::string json_spread(const Spread& spread) {
  return fmt::format(R"({{"median": {:.6g}, "min": {:.6g}, "max": {:.6g}}})", spread.median, spread.min, spread.max);
}

std::string json_metric(const MetricSummary& summary) {
  std::string text = fmt::format(R"({{"name": {}, "unit": {}, "ours": {}, "our_runs": {})", quoted(summary.name),
                                 quoted(summary.unit), json_spread(summary.ours), json_numbers(summary.our_values));
  if (summary.peer) {
    text +=
        fmt::format(R"(, "peer": {}, "peer_runs": {})", json_spread(*summary.peer), json_numbers(summary.peer_values));
  }
  if (summary.ratio) {
    text += fmt::format(R"(, "ratio": {})", json_spread(*summary.ratio));
  }
  return text + "}";
}

}  // namespace

std::string table_of(const ReportHeading& heading, const ScenarioResults& results) {
  const bool compares = !results.peer.empty();
  std::string text = fmt::format("\n{}\n", results.scenario);
  text += fmt::format("  {:<42}", fmt::format("median [min..max] of {}", results.ours.size()));
  if (compares) {
    text += fmt::format("{:>35}", heading.peer_name);
  }
  text += fmt::format("{:>35}", heading.our_name);
  text += compares ? fmt::format("{:>28}\n", "times better") : "\n";
  for (const MetricSummary& summary : summarise(results)) {
    text += fmt::format("  {:<42}", fmt::format("{}, {}", summary.name, summary.unit));
    if (summary.peer) {
      text += fmt::format("{:>35}", cell(*summary.peer));
    }
    text += fmt::format("{:>35}", cell(summary.ours));
    text += compares ? fmt::format("{:>28}\n", ratio_cell(summary)) : "\n";
  }
  return text;
}

std::string overview_of(const ReportHeading& heading, const std::vector<ScenarioResults>& all) {
  const bool compares = !heading.peer_name.empty();
  std::string text = fmt::format("\n{:<26}{:<46}", "scenario", "median of");
  text += compares ? fmt::format("{:>16}{:>16}{:>12}\n", heading.peer_name, heading.our_name, "ratio")
                   : fmt::format("{:>16}\n", heading.our_name);
  for (const ScenarioResults& results : all) {
    const MetricSummary first = summarise(results).front();
    text += fmt::format("{:<26}{:<46}", results.scenario, fmt::format("{}, {}", first.name, first.unit));
    if (compares) {
      text += fmt::format("{:>16}", first.peer ? number(first.peer->median) : "");
    }
    text += fmt::format("{:>16}", number(first.ours.median));
    text += first.ratio ? fmt::format("{:>11.2f}x\n", first.ratio->median) : "\n";
  }
  return text;
}

std::string json_of(const ReportHeading& heading, const std::vector<ScenarioResults>& all) {
  std::string text =
      fmt::format("{{\"command\": {}, \"runs\": {},\n \"ours\": {{\"name\": {}, \"version\": {}}}",
                  quoted(heading.command_line), heading.runs, quoted(heading.our_name), quoted(heading.our_version));
  if (!heading.peer_name.empty()) {
    text += fmt::format(",\n \"peer\": {{\"name\": {}, \"version\": {}}}", quoted(heading.peer_name),
                        quoted(heading.peer_version));
  }
  text += ",\n \"scenarios\": [";
  for (std::size_t i = 0; i < all.size(); ++i) {
    text += fmt::format("{}\n  {{\"name\": {}, \"metrics\": [", i == 0 ? "" : ",", quoted(all[i].scenario));
    const auto summaries = summarise(all[i]);
    for (std::size_t j = 0; j < summaries.size(); ++j) {
      text += fmt::format("{}\n   {}", j == 0 ? "" : ",", json_metric(summaries[j]));
    }
    text += "]}";
  }
  return text + "]}\n";
}

}  // namespace respublica::bench
