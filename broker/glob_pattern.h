#pragma once
// Redis's glob rules, byte for byte.

#include <cstdint>
#include <string>
#include <string_view>

namespace respublica {

enum class GlobCase : std::uint8_t { sensitive, insensitive };

/// True when the whole of `text` is matched by `pattern`:
///
///     *       any bytes, also none (but a lone `*` does not match the empty text)
///     ?       one byte
///     [abc]   one of these bytes; [^abc] one that is not; [a-c] a range, also [c-a]; a missing `]` is taken as there
///     \x      x itself, also inside a class; a trailing backslash is itself
///
/// Bytes of a range are compared as signed, as Redis does on x86. GlobCase::insensitive folds ASCII letters, but not
/// escaped bytes in a class. A pattern in which more than 1000 stars have to be tried matches nothing. The time is at
/// most pattern times text.
///
/// Thread: any.
bool glob_match(std::string_view pattern, std::string_view text, GlobCase letters = GlobCase::sensitive);

/// Bytes that every text matched by a pattern has: it begins with `prefix`, ends with `suffix`, and has `middle`, the
/// longest run of literal bytes between two wildcards, somewhere between them. Prefix and suffix are both the whole
/// text for a pattern without `*`, `?` and `[`.
struct GlobLiterals {
  std::string prefix;
  std::string middle;
  std::string suffix;
};

GlobLiterals glob_literals(std::string_view pattern);

}  // namespace respublica
