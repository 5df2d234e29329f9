#pragma once
// What the broker answers, taken apart and put together.

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/raw_client.h"

namespace respublica::test {

std::string bulk(std::string_view text);
/// "*3 message ..." and the like: the frame in RESP2. For RESP3 see as_push().
std::string message(std::string_view channel, std::string_view payload);
std::string pattern_message(std::string_view pattern, std::string_view channel, std::string_view payload);
std::string shard_message(std::string_view channel, std::string_view payload);
/// The same frame as a RESP3 push.
std::string as_push(std::string frame);

/// The text of a bulk string or verbatim string.
std::string text_of(const std::string& reply);
/// All bulk strings of a reply, in their order, however deep they stand.
std::vector<std::string> texts_of(const std::string& reply);
/// The number of ":1\r\n".
long number_of(const std::string& reply);
/// Lines of CLIENT LIST and the like.
std::vector<std::string> lines_of(const std::string& text);
/// The value of "key=value" in a line of words.
std::string field_of(const std::string& line, const std::string& key);

/// A number that INFO tells.
long info(RawClient& client, const std::string& field);
/// Asks INFO until the field has that value; fails the test after a minute.
void await_info(RawClient& client, const std::string& field, long value);

/// Bytes that look like nothing: CR, LF and zero among them, the same for the same seed.
std::string random_bytes(std::size_t size, unsigned seed);

}  // namespace respublica::test
