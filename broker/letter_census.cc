#include "broker/letter_census.h"

#include <algorithm>
#include <optional>

#include "broker/dead_letter.h"

namespace respublica {

void LetterCensus::add(std::string_view dlq, StreamId id, std::string_view fields) {
  const std::optional<DeadLetter> letter = DeadLetter::read(fields);
  if (!letter) return;
  const std::uint64_t dead_ms = letter->dead_ms() != 0 ? letter->dead_ms() : id.ms;
  Count& count = all_[{std::string(dlq), std::string(letter->channel()), std::string(letter->group()),
                       std::string(letter->reason())}];
  count.oldest_ms = count.letters == 0 ? dead_ms : std::min(count.oldest_ms, dead_ms);
  count.newest_ms = std::max(count.newest_ms, dead_ms);
  ++count.letters;
}

}  // namespace respublica
