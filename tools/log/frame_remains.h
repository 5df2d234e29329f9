#pragma once
// The records that are still whole in a frame that is not.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace respublica::logtool {

struct FrameRemains {
  /// A record in the payload.
  struct Piece {
    std::size_t at = 0;
    std::size_t bytes = 0;
  };
  /// Their checksums are right, and each begins where the one before it ends.
  std::vector<Piece> whole;
  /// Those in between whose checksums are wrong, or that this version does not know.
  std::vector<Piece> damaged;
  /// Nothing else was there.
  bool is_complete = false;
};

/// Looks at `payload`, which begins where the records of a frame do. `records` is how many there were, if that is known
/// for sure, and then `payload` ends where they do.
///
/// Records are found by their lengths alone, never by what looks like one: the checksums of records have no salt, and
/// bytes that a client published could pass for a record. So behind a damaged record the next one is believed to be
/// found only when all lengths together lead to the end, and the count is right. Where they do not, what stands behind
/// the first damaged record is left out.
FrameRemains inspect_remains(std::string_view payload, std::optional<std::uint32_t> records);

}  // namespace respublica::logtool
