#pragma once
// A dead letter as people and programs read it.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/dlq/broker.h"

namespace respublica::dlqtool {

/// A dead letter, with its fields in order.
struct Letter {
  /// Empty where it is not known.
  std::string id;
  /// The channel that it is in.
  std::string dlq;
  std::vector<std::pair<std::string, std::string>> fields;

  /// The value of the first field of that name; empty when there is none.
  std::string_view value(std::string_view name) const;
};

/// One entry of a reply of XRANGE.
Letter read_letter(std::string dlq, const Reply& entry);

/// A line with what matters of it: when, why, which entry of which channel died in which group.
std::string summary_of(const Letter& letter);
/// A line for each field.
std::vector<std::string> lines_of(const Letter& letter);
/// {"dlq":..,"id":..,"fields":[[name,value],...]}, without a newline.
std::string json_of(const Letter& letter);

/// Bytes that a terminal shows as they are: controls and what is no UTF-8 become \xhh.
std::string printable(std::string_view bytes);
/// "2026-11-23 22:24:39.883 UTC", of milliseconds since 1970 in digits; the text itself when it is none.
std::string time_of(std::string_view milliseconds);

}  // namespace respublica::dlqtool
