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

/// What goes through the pipe first; any bytes make one. Of a refusal its text follows.
struct Told {
  std::int32_t width;   ///< or kRefused
  std::int32_t height;  ///< of a refusal its ErrorKind
  float pixel_aspect;
};
constexpr std::int32_t kRefused = -1;
constexpr std::size_t kLongestRefusal = 300;

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

/// Only kinds that are the clip's own fault: no other attempt does better.
std::optional<Error> believed_refusal(const Told& told, std::string_view text) {
  for (const ErrorKind kind : {ErrorKind::corrupt, ErrorKind::unsupported, ErrorKind::too_large}) {
    if (told.height != static_cast<std::int32_t>(kind)) continue;
    std::string message(text);
    for (char& c : message) {
      if (c < ' ' || c > '~') c = '?';
    }
    return Error{kind, std::move(message)};
  }
  return std::nullopt;
}

/// A signal that the clip has brought about, and nobody else.
std::optional<Error> refusal_of_death(int status) {
  if (!WIFSIGNALED(status)) return std::nullopt;
  const int signal = WTERMSIG(status);
  if (signal == SIGXCPU) {
    return Error{
        ErrorKind::unsupported,
        fmt::format("the clip: its first picture was not decoded within {} s of processor time; it is "
                    "damaged, or made to take long",
                    kProbingTime.count())};
  }
  for (const int fault : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGSYS}) {
    if (signal != fault) continue;
    return Error{
        ErrorKind::corrupt,
        fmt::format("the clip: decoding its first picture ended with signal {}; it is damaged", signal)};
  }
  return std::nullopt;
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
  Confinement own = limits;
  if (own.max_processor_time.count() == 0) own.max_processor_time = kProbingTime;
  if (!confine(own)) ::_exit(1);
  probe(clip, told);
  ::_exit(0);
}

}  // namespace

void probe_shape(int clip, int told) {
  const auto reader = media::VideoReader::open(clip, "the clip", 1);
  if (!reader) {
    const Told refused{kRefused, static_cast<std::int32_t>(reader.error().kind), 0};
    std::string all(reinterpret_cast<const char*>(&refused), sizeof(refused));
    all += reader.error().message.substr(0, kLongestRefusal);
    (void)!::write(told, all.data(), all.size());
    return;
  }
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

bool Prober::is_ready(std::chrono::milliseconds patience) const {
  pollfd waiting{reading_.get(), POLLIN, 0};
  return ::poll(&waiting, 1, static_cast<int>(patience.count())) > 0;
}

Probed Prober::answer(std::chrono::milliseconds patience) {
  const auto until = SteadyClock::now() + patience;
  std::array<char, sizeof(Told) + kLongestRefusal> heard{};
  std::size_t size = 0;
  Told told{};
  while (pid_ > 0 && size < heard.size()) {
    if (size >= sizeof(told) && told.width != kRefused) break;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now());
    pollfd waiting{reading_.get(), POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    const ssize_t count = ::read(reading_.get(), heard.data() + size, heard.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    size += static_cast<std::size_t>(count);
    if (size >= sizeof(told)) std::memcpy(&told, heard.data(), sizeof(told));
  }
  const int status = end();
  if (size < sizeof(told)) return {std::nullopt, refusal_of_death(status)};
  if (told.width != kRefused) return {believed(told), std::nullopt};
  return {std::nullopt, believed_refusal(told, std::string_view(heard.data(), size).substr(sizeof(told)))};
}

int Prober::end() {
  int status = 0;
  if (pid_ <= 0) return status;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

}  // namespace sightline::jobs
