#include "detect/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/file.h"
#include "sight/media/picture.h"

namespace sightline::bench {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
constexpr float kSqueezed = 416;
constexpr std::size_t kMaxFile = std::size_t{64} << 20;

Result<media::Picture> load_picture(const fs::path& path) {
  const Bytes bytes = TRY(read_file(path, kMaxFile));
  return media::Picture::decode(bytes, path.string());
}

TestPicture with_faces(const json::object& truth) {
  TestPicture picture;
  const auto& original = truth.at("orig").as_array();
  picture.image.size = {original.at(0).to_number<int>(), original.at(1).to_number<int>()};
  const float x = static_cast<float>(picture.image.size.width) / kSqueezed;
  const float y = static_cast<float>(picture.image.size.height) / kSqueezed;
  for (const json::value& item : truth.at("faces").as_array()) {
    const auto& face = item.as_object();
    const auto& box = face.at("box").as_array();
    const auto side = [&](std::size_t i) { return box.at(i).to_number<float>(); };
    const auto flag = [&](const char* name) { return face.at(name).to_number<int>() != 0; };
    TrueFace true_face;
    true_face.box = {side(0) * x, side(1) * y, side(2) * x, side(3) * y};
    true_face.ignored = flag("invalid") || true_face.box.area() <= 0;
    true_face.clear = !flag("invalid") && !flag("occlusion") && !flag("atypical_pose") && !flag("blur");
    picture.faces.push_back(true_face);
  }
  return picture;
}

}  // namespace

Result<std::vector<TestPicture>> load_wider(const fs::path& folder) {
  const Bytes text = TRY(read_file(folder / "gt_416.json", kMaxFile));
  std::vector<TestPicture> pictures;
  try {
    const json::value truth = json::parse({reinterpret_cast<const char*>(text.data()), text.size()});
    for (const auto& item : truth.as_object()) {
      TestPicture picture = with_faces(item.value().as_object());
      picture.name = std::string(item.key());
      picture.image = TRY(load_picture(folder / "images" / picture.name)).to_rgb(picture.image.size);
      pictures.push_back(std::move(picture));
    }
  } catch (const std::exception& error) {
    return fail(ErrorKind::corrupt, fmt::format("{}/gt_416.json: {}", folder.string(), error.what()));
  }
  return pictures;
}

Result<std::vector<TestPicture>> load_plain(const fs::path& folder) {
  std::vector<TestPicture> pictures;
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    files.push_back(it->path());
  if (error) return fail(ErrorKind::io, fmt::format("{}: {}", folder.string(), error.message()));
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    const auto picture = TRY(load_picture(file));
    pictures.push_back({file.filename().string(), picture.to_rgb(picture.displayed_size()), {}});
  }
  return pictures;
}

}  // namespace sightline::bench
