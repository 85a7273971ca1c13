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
struct ProbeReport {
  std::int32_t width;   ///< or kRefused
  std::int32_t height;  ///< of a refusal its ErrorKind
  float pixel_aspect;
};
constexpr std::int32_t kRefused = -1;
constexpr std::size_t kLongestRefusal = 300;

std::optional<ClipShape> believed(const ProbeReport& report) {
  if (report.width < 1 || report.width > media::kMaxClipSide || report.height < 1 ||
      report.height > media::kMaxClipSide ||
      std::int64_t{report.width} * report.height > media::kMaxClipPixels) {
    return std::nullopt;
  }
  if (!std::isfinite(report.pixel_aspect) || report.pixel_aspect < 1 / kMaxAspect ||
      report.pixel_aspect > kMaxAspect) {
    return std::nullopt;
  }
  return ClipShape{{report.width, report.height}, report.pixel_aspect};
}

/// Only kinds that are the clip's own fault: no other attempt does better.
std::optional<Error> believed_refusal(const ProbeReport& report, std::string_view text) {
  for (const ErrorKind kind : {ErrorKind::corrupt, ErrorKind::unsupported, ErrorKind::too_large}) {
    if (report.height != static_cast<std::int32_t>(kind)) continue;
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
int run_child(int clip, int report, const sandbox::Confinement& limits, const ProbeFunction& probe) {
  sandbox::Confinement own = limits;
  if (own.max_processor_time.count() == 0) own.max_processor_time = kProbingTime;
  if (!sandbox::confine(own)) return 1;
  probe(clip, report);
  return 0;
}

}  // namespace

void probe_shape(int clip, int report) {
  const auto reader = media::VideoReader::open(clip, "the clip", 1);
  if (!reader) {
    const ProbeReport refused{kRefused, static_cast<std::int32_t>(reader.error().kind), 0};
    std::string all(reinterpret_cast<const char*>(&refused), sizeof(refused));
    all += reader.error().message.substr(0, kLongestRefusal);
    (void)!::write(report, all.data(), all.size());
    return;
  }
  const media::Size size = reader->info().displayed_size();
  const ProbeReport shape{size.width, size.height, tracking::displayed_pixel_aspect(reader->info())};
  (void)!::write(report, &shape, sizeof(shape));  // short of a pipe's capacity, and so whole
}

Result<Prober> Prober::start(int clip, const sandbox::Confinement& limits, const ProbeFunction& probe) {
  process::Pipe pipe = TRY(process::make_pipe());
  const int report = pipe.writing.get();
  const std::array kept = {clip, report};
  auto child = TRY(process::fork_child(kept, [&] { return run_child(clip, report, limits, probe); }));
  return Prober(std::move(child), std::move(pipe.reading));
}

bool Prober::is_ready(std::chrono::milliseconds patience) const {
  return process::is_readable(reading_.get(), patience).value_or(false);
}

Probed Prober::answer(std::chrono::milliseconds patience) {
  const auto until = SteadyClock::now() + patience;
  std::array<std::uint8_t, sizeof(ProbeReport) + kLongestRefusal> heard{};
  std::size_t size = 0;
  ProbeReport report{};
  while (size < heard.size()) {
    if (size >= sizeof(report) && report.width != kRefused) break;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now());
    const auto count = process::read_within(reading_.get(), std::span(heard).subspan(size),
                                            std::max(left, std::chrono::milliseconds(0)));
    if (!count || count->value_or(0) == 0) break;
    size += **count;
    if (size >= sizeof(report)) std::memcpy(&report, heard.data(), sizeof(report));
  }
  const process::ExitStatus ended = child_.kill();
  if (size < sizeof(report)) return {std::nullopt, refusal_of_death(ended)};
  if (report.width != kRefused) return {believed(report), std::nullopt};
  const std::string_view all(reinterpret_cast<const char*>(heard.data()), size);
  return {std::nullopt, believed_refusal(report, all.substr(sizeof(report)))};
}

}  // namespace sightline::jobs
