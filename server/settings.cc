#include "server/settings.h"

#include <algorithm>
#include <thread>

namespace respublica {

int default_io_threads() { return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 128U)); }

}  // namespace respublica
