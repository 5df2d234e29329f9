#pragma once

#include <string_view>
#include <vector>

namespace respublica {

/// Splits one line (without its end) into words, as Redis does for inline requests: words stand between blanks;
/// "..." takes \n \r \t \b \a \xHH and \<any>; '...' takes \'. A closing quote must end its word.
/// `words` is replaced; its views point into `storage`, which is replaced too.
/// False when quotes are not balanced.
[[nodiscard]] bool split_inline_request(std::string_view line, std::vector<char>& storage,
                                        std::vector<std::string_view>& words);

}  // namespace respublica
