// Decodes arbitrary bytes, shows them in several ways, paints a block and writes the picture back.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "sight/media/picture.h"

namespace {

using namespace sightline::media;  // NOLINT(google-build-using-namespace)

constexpr PictureLimits kLimits{.max_pixels = 1 << 18, .max_side = 4096};

void require(bool condition) {
  if (!condition) std::abort();
}

void paint(Picture& picture) {
  const PlaneView view = picture.samples();
  for (int y = view.height / 3; y < view.height; y += 2) view.row(y)[0] ^= 0x55;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto picture = Picture::decode({data, size}, "fuzz", kLimits);
  if (!picture) return 0;
  const Size shown = picture->displayed_size();
  require(shown.width > 0 && shown.height > 0);
  (void)picture->to_rgb({shown.width / 3 + 1, shown.height / 2 + 1});
  (void)picture->to_rgb({-5, 1.5F, static_cast<float>(shown.width), 7}, {11, 13});
  paint(*picture);
  for (const auto policy : {MetadataPolicy::safe, MetadataPolicy::keep}) {
    const auto file = picture->encode(policy);
    require(file.has_value());
    const auto again = Picture::decode(*file, "again", kLimits);
    require(again.has_value());
    require(again->stored_size() == picture->stored_size() && again->orientation() == picture->orientation());
  }
  return 0;
}
