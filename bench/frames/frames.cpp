// What looking at a frame costs: luma for the tracker, RGB for the detector. With clips named on the command
// line it also decodes them whole. CPU time of the calling thread, the lowest of many runs; decoding: wall
// time and CPU time of the process.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <random>
#include <string>

#include "sight/media/frame_factory.h"
#include "sight/media/video_reader.h"

namespace {

using namespace sightline::media;

double cpu_ms(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

double lowest_ms(const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < 30; ++i) {
    const double start = cpu_ms(CLOCK_THREAD_CPUTIME_ID);
    work();
    best = std::min(best, cpu_ms(CLOCK_THREAD_CPUTIME_ID) - start);
  }
  return best;
}

void time_frame(int bit_depth) {
  const auto frame = make_frame({1920, 1080}, bit_depth, 1, 1, 0);
  if (!frame) return;
  std::mt19937 random(1);
  const PlaneView luma = frame->plane(0);
  for (int y = 0; y < luma.height; ++y) {
    for (int x = 0; x < luma.width; ++x)
      luma.row(y)[x * luma.bytes_per_sample()] = static_cast<std::uint8_t>(random());
  }
  FrameConverter converter;
  for (const int exif : {1, 3, 6}) {
    const Orientation orientation = orientation_from_exif(exif);
    std::string line = fmt::format("1920x1080, {:2} bit, EXIF {}: luma by level", bit_depth, exif);
    for (int level = 0; level < 4; ++level) {
      line += fmt::format(" {:.2f}", lowest_ms([&] { (void)displayed_luma(*frame, orientation, level); }));
    }
    line += " ms; RGB";
    for (const Size size : {Size{1920, 1080}, Size{1280, 736}, Size{640, 384}}) {
      const double ms =
          lowest_ms([&] { (void)converter.to_rgb(*frame, orientation, orientation.displayed(size)); });
      line += fmt::format(" {}x{} {:.2f}", size.width, size.height, ms);
    }
    fmt::print("{} ms\n", line);
  }
}

int time_clip(const char* path) {
  const auto wall = std::chrono::steady_clock::now();
  const double cpu = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
  auto reader = VideoReader::open(path);
  if (!reader) {
    fmt::print(stderr, "{}\n", reader.error().message);
    return 1;
  }
  const std::chrono::duration<double, std::milli> opened = std::chrono::steady_clock::now() - wall;
  int frames = 0;
  for (auto frame = reader->next(); frame && *frame; frame = reader->next()) ++frames;
  const std::chrono::duration<double, std::milli> all = std::chrono::steady_clock::now() - wall;
  fmt::print("{}: {} frames, first after {:.0f} ms, all after {:.0f} ms, CPU {:.0f} ms\n", path, frames,
             opened.count(), all.count(), cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  time_frame(8);
  time_frame(10);
  int result = 0;
  for (int i = 1; i < argc; ++i) result |= time_clip(argv[i]);
  return result;
}
