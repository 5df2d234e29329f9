#include "server/flush_stage.h"

namespace respublica {

void FlushStage::add(std::uint64_t number, FlushDue& state, FlushDue due) {
  if (state >= due) return;
  state = due;
  if (due == FlushDue::awaited_reply) {
    awaited_.push_back(number);
  } else if (due == FlushDue::reply) {
    replies_.push_back(number);
  } else {
    messages_.push_back(number);
  }
}

}  // namespace respublica
