// A client's bytes must make the same requests and the same errors whole as in pieces, with and without blocks for
// large bulk strings. The first two bytes choose the size of the pieces, and the limits.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "tests/protocol/request_script.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using respublica::testing::Feeding;
  using respublica::testing::RequestScript;
  if (size < 2) return 0;
  respublica::ParseLimits limits;
  if ((data[1] & 1U) != 0) limits.authenticated = respublica::Authenticated::no;
  if ((data[1] & 2U) != 0) limits.max_bulk = 100;
  const std::string_view script(reinterpret_cast<const char*>(data) + 2, size - 2);
  // Long scripts come in fewer, larger pieces: each is copied with all before it.
  const std::size_t piece = std::max<std::size_t>(std::size_t{1} + data[0], script.size() / 64);

  const auto whole = RequestScript(script, limits, Feeding{script.size() + 1}).run();
  if (RequestScript(script, limits, Feeding{piece}).run() != whole) std::abort();
  if (RequestScript(script, limits, Feeding{2 * piece, Feeding::Blocks::yes}).run() != whole) std::abort();
  return 0;
}
