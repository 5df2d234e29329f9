#pragma once

#include <string>
#include <string_view>

namespace respublica::bench {

/// `bytes` in double quotes, with everything outside of printable ASCII escaped: \r, \n, \", \\, \x00.
std::string printable(std::string_view bytes);

}  // namespace respublica::bench
