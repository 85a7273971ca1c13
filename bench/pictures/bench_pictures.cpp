// Milliseconds of processor time for decoding, showing and writing back pictures, best of five.
//   bench_pictures [FILE...]      without files: a 4000x3000 picture that it makes, in each format

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/file.h"
#include "sight/media/picture.h"

namespace {

using namespace sightline;         // NOLINT(google-build-using-namespace)
using namespace sightline::media;  // NOLINT(google-build-using-namespace)

constexpr int kRounds = 5;
constexpr std::size_t kMaxFile = std::size_t{1} << 30;

double milliseconds(const std::function<void()>& step) {
  double best = 1e9;
  for (int i = 0; i < kRounds; ++i) {
    timespec begin{};
    timespec end{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    step();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    best = std::min(best, static_cast<double>(end.tv_sec - begin.tv_sec) * 1e3 +
                              static_cast<double>(end.tv_nsec - begin.tv_nsec) / 1e6);
  }
  return best;
}

/// Smooth shapes with sensor-like noise.
RgbImage made_picture() {
  RgbImage image{{4000, 3000}, {}};
  image.pixels.reserve(4000UL * 3000 * 3);
  std::uint32_t state = 1;
  for (int y = 0; y < 3000; ++y) {
    for (int x = 0; x < 4000; ++x) {
      for (int c = 0; c < 3; ++c) {
        state = state * 1'664'525 + 1'013'904'223;
        const int shape = ((x / 3 + y / (c + 2)) % 400 < 200 ? 150 : 60) + (x * (c + 1) / 50 + y / 40) % 80;
        image.pixels.push_back(static_cast<std::uint8_t>(shape + static_cast<int>(state >> 27)));
      }
    }
  }
  return image;
}

/// Paints a sixteenth of the picture, as a face in the foreground would.
void paint(Picture& picture) {
  const PlaneView view = picture.samples();
  for (int y = view.height / 4; y < view.height / 2; ++y) {
    std::memset(view.row(y) + view.stride / 4, 90, static_cast<std::size_t>(view.stride / 4));
  }
}

void measure(const std::string& name, const Bytes& file) {
  auto picture = Picture::decode(file, name);
  if (!picture) {
    fmt::print("{}\n", picture.error().message);
    return;
  }
  const Size size = picture->displayed_size();
  const auto show = [&](int width) {
    return milliseconds(
        [&] { (void)picture->to_rgb({width, std::max(1, width * size.height / size.width)}); });
  };
  const double decode = milliseconds([&] { (void)Picture::decode(file, name); });
  const std::array shown = {show(1280), show(640), show(size.width)};
  std::size_t written = 0;
  const auto encode = [&] {
    return milliseconds([&] { written = picture->encode(MetadataPolicy::safe).value().size(); });
  };
  const double untouched = encode();
  paint(*picture);
  const double painted = encode();
  fmt::print(
      "{}: {}x{}, {} kB; decode {:.0f}, to 1280 wide {:.0f}, to 640 {:.0f}, full size {:.0f}, encode {:.0f}, "
      "painted {:.0f} ({} kB)\n",
      name, size.width, size.height, file.size() / 1000, decode, shown[0], shown[1], shown[2], untouched,
      painted, written / 1000);
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const auto file = read_file(argv[i], kMaxFile);
    if (file) measure(argv[i], *file);
    if (!file) fmt::print("{}\n", file.error().message);
  }
  if (argc > 1) return 0;
  const Picture made = Picture::from_rgb(made_picture());
  measure("JPEG", made.encode_as(PictureFormat::jpeg, 90).value());
  measure("PNG", made.encode_as(PictureFormat::png).value());
  measure("WebP lossless", made.encode_as(PictureFormat::webp).value());
  return 0;
}
