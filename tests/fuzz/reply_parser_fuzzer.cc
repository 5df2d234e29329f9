// Replies must be the same whole and in pieces, and the scanner must agree with the parser on their size.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "protocol/reply_parser.h"
#include "tests/protocol/request_script.h"

namespace {

using respublica::Reply;
using respublica::ReplyParser;
using respublica::testing::ExactCopy;

bool same(const Reply& a, const Reply& b) {
  if (a.type != b.type || a.text != b.text || a.integer != b.integer || a.elements.size() != b.elements.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.elements.size(); ++i) {
    if (!same(a.elements[i], b.elements[i])) return false;
  }
  return true;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  ReplyParser whole;
  const ReplyParser::Status status = whole.parse(input);
  ReplyParser in_pieces;
  ReplyParser::Status last = ReplyParser::Status::need_more;
  const std::size_t piece = 1 + size / 256;
  for (std::size_t fed = 0; fed < size && last == ReplyParser::Status::need_more;) {
    fed = std::min(fed + piece, size);
    last = in_pieces.parse(ExactCopy(input.substr(0, fed)).view());
  }
  if (last != status) std::abort();
  if (status != ReplyParser::Status::reply) return 0;
  if (in_pieces.consumed() != whole.consumed() || !same(in_pieces.reply(), whole.reply())) std::abort();
  if (respublica::complete_reply_size(input) != whole.consumed()) std::abort();
  return 0;
}
