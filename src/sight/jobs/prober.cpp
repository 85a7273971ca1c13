#include "sight/jobs/prober.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cmath>
#include <cstring>
#include <utility>

#include "sight/media/video_reader.h"
#include "sight/tracking/frame_detection.h"

namespace sightline::jobs {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr float kMaxAspect = 100;

/// What goes through the pipe; any bytes make one.
struct Told {
  std::int32_t width;
  std::int32_t height;
  float pixel_aspect;
};

std::optional<ClipShape> believed(const Told& told) {
  if (told.width < 1 || told.width > media::kMaxClipSide || told.height < 1 ||
      told.height > media::kMaxClipSide || std::int64_t{told.width} * told.height > media::kMaxClipPixels) {
    return std::nullopt;
  }
  if (!std::isfinite(told.pixel_aspect) || told.pixel_aspect < 1 / kMaxAspect ||
      told.pixel_aspect > kMaxAspect) {
    return std::nullopt;
  }
  return ClipShape{{told.width, told.height}, told.pixel_aspect};
}

void close_all_but(int a, int b) {
  const auto [low, high] = std::minmax(a, b);
  if (low > 0) (void)::close_range(0, static_cast<unsigned>(low) - 1, 0);
  if (high - low > 1) {
    (void)::close_range(static_cast<unsigned>(low) + 1, static_cast<unsigned>(high) - 1, 0);
  }
  (void)::close_range(static_cast<unsigned>(high) + 1, UINT_MAX, 0);
}

/// The child, from its first to its last breath.
[[noreturn]] void run_child(int clip, int told, pid_t parent, const Confinement& limits,
                            const ProbeFunction& probe) {
  if (!die_with_parent() || ::getppid() != parent) ::_exit(1);
  close_all_but(clip, told);
  if (!confine(limits)) ::_exit(1);
  probe(clip, told);
  ::_exit(0);
}

}  // namespace

void probe_shape(int clip, int told) {
  const auto reader = media::VideoReader::open(clip, "the clip", 1);
  if (!reader) return;
  const media::Size size = reader->info().displayed_size();
  const Told shape{size.width, size.height, tracking::displayed_pixel_aspect(reader->info())};
  (void)!::write(told, &shape, sizeof(shape));  // short of a pipe's capacity, and so whole
}

Result<Prober> Prober::start(int clip, const Confinement& limits, const ProbeFunction& probe) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return fail(ErrorKind::unavailable, fmt::format("a clip cannot be probed: {}", std::strerror(errno)));
  }
  Descriptor reading(pipe[0]);
  const Descriptor writing(pipe[1]);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) run_child(clip, writing.get(), parent, limits, probe);
  if (child < 0) {
    return fail(ErrorKind::unavailable, fmt::format("a clip cannot be probed: {}", std::strerror(errno)));
  }
  return Prober(child, std::move(reading));
}

Prober::Prober(Prober&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), reading_(std::move(other.reading_)) {}

std::optional<ClipShape> Prober::answer(std::chrono::milliseconds patience) {
  const auto until = SteadyClock::now() + patience;
  Told told{};
  std::size_t heard = 0;
  while (pid_ > 0 && heard < sizeof(told)) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now());
    pollfd waiting{reading_.get(), POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    const ssize_t count =
        ::read(reading_.get(), reinterpret_cast<char*>(&told) + heard, sizeof(told) - heard);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    heard += static_cast<std::size_t>(count);
  }
  end();
  if (heard < sizeof(told)) return std::nullopt;
  return believed(told);
}

void Prober::end() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

}  // namespace sightline::jobs
