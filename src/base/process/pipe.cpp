#include "base/process/pipe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

namespace sightline::process {

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorKind::unavailable, fmt::format("no pipe can be made: {}", std::strerror(errno)));
  }
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<bool> is_readable(int fd, std::chrono::milliseconds patience) {
  using SteadyClock = std::chrono::steady_clock;
  const auto until = SteadyClock::now() + patience;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now()).count();
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX)));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return fail(ErrorKind::io, fmt::format("a pipe is broken: {}", std::strerror(errno)));
  }
}

Result<std::optional<std::size_t>> read_within(int fd, std::span<std::uint8_t> buffer,
                                               std::chrono::milliseconds patience) {
  if (!TRY(is_readable(fd, patience))) return std::optional<std::size_t>();
  while (true) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return fail(ErrorKind::io, fmt::format("a pipe is broken: {}", std::strerror(errno)));
  }
}

}  // namespace sightline::process
