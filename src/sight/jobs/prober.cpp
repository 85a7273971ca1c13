#include "sight/jobs/prober.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/process/fork_child.h"
#include "base/process/pipe.h"
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
std::optional<Error> refusal_of_death(const process::ExitStatus& ended) {
  const int signal = ended.signal;
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

/// The child's whole life.
int run_child(int clip, int told, const sandbox::Confinement& limits, const ProbeFunction& probe) {
  sandbox::Confinement own = limits;
  if (own.max_processor_time.count() == 0) own.max_processor_time = kProbingTime;
  if (!sandbox::confine(own)) return 1;
  probe(clip, told);
  return 0;
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

Result<Prober> Prober::start(int clip, const sandbox::Confinement& limits, const ProbeFunction& probe) {
  process::Pipe pipe = TRY(process::make_pipe());
  const int told = pipe.writing.get();
  const std::array kept = {clip, told};
  auto child = TRY(process::fork_child(kept, [&] { return run_child(clip, told, limits, probe); }));
  return Prober(std::move(child), std::move(pipe.reading));
}

bool Prober::is_ready(std::chrono::milliseconds patience) const {
  return process::is_readable(reading_.get(), patience).value_or(false);
}

Probed Prober::answer(std::chrono::milliseconds patience) {
  const auto until = SteadyClock::now() + patience;
  std::array<std::uint8_t, sizeof(Told) + kLongestRefusal> heard{};
  std::size_t size = 0;
  Told told{};
  while (size < heard.size()) {
    if (size >= sizeof(told) && told.width != kRefused) break;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now());
    const auto count = process::read_within(reading_.get(), std::span(heard).subspan(size),
                                            std::max(left, std::chrono::milliseconds(0)));
    if (!count || count->value_or(0) == 0) break;
    size += **count;
    if (size >= sizeof(told)) std::memcpy(&told, heard.data(), sizeof(told));
  }
  const process::ExitStatus ended = child_.kill();
  if (size < sizeof(told)) return {std::nullopt, refusal_of_death(ended)};
  if (told.width != kRefused) return {believed(told), std::nullopt};
  const std::string_view all(reinterpret_cast<const char*>(heard.data()), size);
  return {std::nullopt, believed_refusal(told, all.substr(sizeof(told)))};
}

}  // namespace sightline::jobs
