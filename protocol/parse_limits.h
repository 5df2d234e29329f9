#pragma once
// How much a client may ask a parser to hold. Redis names: networking.c (processInlineBuffer, processMultibulkBuffer).

#include <cstddef>

namespace respublica {

/// Whether the connection has authenticated: before it has, the limits are small.
enum class Authenticated : bool { no, yes };

/// Limits that every length is checked against before it is used.
struct ParseLimits {
  /// Longest inline request, and longest "*<n>" or "$<n>" header line, in bytes.
  static constexpr std::size_t kMaxInline = 64 * 1024;
  static constexpr std::size_t kMaxMultibulkUnauthenticated = 10;
  static constexpr std::size_t kMaxBulkUnauthenticated = 16384;

  /// proto-max-bulk-len, in bytes.
  std::size_t max_bulk = 512UL * 1024 * 1024;
  Authenticated authenticated = Authenticated::yes;
};

}  // namespace respublica
