#include <fmt/format.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <algorithm>
#include <optional>

#include "base/utf8.h"
#include "sight/inference/model_store.h"

namespace sightline::inference {
namespace {

constexpr std::size_t kMaxText = 2000;
constexpr std::size_t kMaxKnots = 256;
constexpr std::size_t kMaxClasses = 1000;

/// Reads the keys of one manifest; remembers the first thing that is wrong.
class ManifestReader {
 public:
  ManifestReader(const toml::table& table, std::string_view name) : table_(table), name_(name) {}

  std::string text(std::string_view key) {
    seen_.push_back(key);
    const auto* node = table_.get(key);
    if (node == nullptr) return complain(fmt::format("'{}' is missing", key)), "";
    const auto value = node->value_exact<std::string>();
    if (!value || value->empty() || value->size() > kMaxText || has_control_characters(*value))
      return complain(fmt::format("'{}' must be one line of text of 1 to {} bytes", key, kMaxText)), "";
    return *value;
  }

  std::string optional_text(std::string_view key) {
    seen_.push_back(key);
    return table_.get(key) == nullptr ? "" : text(key);
  }

  int whole_number(std::string_view key, int otherwise, int least, int most) {
    seen_.push_back(key);
    const auto* node = table_.get(key);
    if (node == nullptr) return otherwise;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < least || *value > most) {
      complain(fmt::format("'{}' must be a whole number from {} to {}", key, least, most));
      return otherwise;
    }
    return static_cast<int>(*value);
  }

  /// One of `words`, which stand in the order of Value's enumerators; the first when the key is absent.
  template <typename Value>
  Value one_of(std::string_view key, std::initializer_list<std::string_view> words) {
    seen_.push_back(key);
    const auto* node = table_.get(key);
    if (node == nullptr) return Value{};
    const auto value = node->value_exact<std::string>();
    const auto* word = value ? std::ranges::find(words, *value) : words.end();
    if (word == words.end())
      return complain(fmt::format("'{}' must be one of {}", key, fmt::join(words, ", "))), Value{};
    return static_cast<Value>(word - words.begin());
  }

  std::array<float, 3> of_colors(std::string_view key, float otherwise, double least, double most) {
    seen_.push_back(key);
    std::array<float, 3> colors{otherwise, otherwise, otherwise};
    const auto* node = table_.get(key);
    if (node == nullptr) return colors;
    const auto* list = node->as_array();
    bool fits = list != nullptr && list->size() == colors.size();
    for (std::size_t i = 0; fits && i < colors.size(); ++i) {
      const auto value = list->get(i)->value<double>();
      fits = value && *value >= least && *value <= most;
      if (fits) colors[i] = static_cast<float>(*value);
    }
    if (!fits)
      complain(fmt::format("'{}' must hold three numbers from {} to {}: red, green, blue", key, least, most));
    return colors;
  }

  Calibration calibration(std::string_view key) {
    seen_.push_back(key);
    const auto* node = table_.get(key);
    return node == nullptr ? Calibration{} : knots_of(key, *node);
  }

  std::map<std::string, Calibration> class_calibration(std::string_view key) {
    seen_.push_back(key);
    std::map<std::string, Calibration> classes;
    const auto* node = table_.get(key);
    if (node == nullptr) return classes;
    const auto* table = node->as_table();
    if (table == nullptr || table->size() > kMaxClasses) {
      complain(fmt::format("'{}' must be a table of at most {} classes", key, kMaxClasses));
      return classes;
    }
    for (const auto& [name, knots] : *table) classes.emplace(name.str(), knots_of(key, knots));
    return classes;
  }

  void refuse_unknown_keys() {
    for (const auto& [key, value] : table_)
      if (std::ranges::find(seen_, key.str()) == seen_.end())
        complain(fmt::format("unknown key '{}'", printable(std::string_view(key.str()).substr(0, 60))));
  }

  void complain(std::string problem) {
    if (!problem_) problem_ = std::move(problem);
  }

  [[nodiscard]] Result<void> verdict() const {
    if (!problem_) return {};
    return fail(
        ErrorKind::corrupt,
        fmt::format("{}: bad model manifest: {}; docs/models.md describes the format", name_, *problem_));
  }

 private:
  Calibration knots_of(std::string_view key, const toml::node& node) {
    Calibration knots;
    const auto* list = node.as_array();
    if (list == nullptr || list->size() > kMaxKnots) {
      complain(fmt::format("'{}' must be a list of at most {} pairs", key, kMaxKnots));
      return knots;
    }
    for (const toml::node& item : *list) {
      const auto knot = pair_of_shares(item);
      const bool rises = knot && (knots.empty() ||
                                  (knot->first > knots.back().first && knot->second >= knots.back().second));
      if (!rises) {
        complain(fmt::format("'{}' must hold pairs of numbers from 0 to 1, both rising", key));
        return {};
      }
      knots.push_back(*knot);
    }
    return knots;
  }

  static bool has_control_characters(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  }

  static std::optional<std::pair<float, float>> pair_of_shares(const toml::node& item) {
    const auto* pair = item.as_array();
    if (pair == nullptr || pair->size() != 2) return std::nullopt;
    const auto raw = pair->get(0)->value<double>();
    const auto share = pair->get(1)->value<double>();
    const auto within = [](const std::optional<double>& v) { return v && *v >= 0 && *v <= 1; };
    if (!within(raw) || !within(share)) return std::nullopt;
    return std::pair{static_cast<float>(*raw), static_cast<float>(*share)};
  }

  const toml::table& table_;
  std::string_view name_;
  std::vector<std::string_view> seen_;
  std::optional<std::string> problem_;
};

bool is_plain_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= 128 && text.front() != '.' && std::ranges::all_of(text, allowed);
}

bool is_sha256(std::string_view text) {
  const auto digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == 64 && std::ranges::all_of(text, digit);
}

Result<ModelManifest> read_manifest(const toml::table& table, std::string_view name) {
  ManifestReader reader(table, name);
  ModelManifest model;
  model.name = reader.text("name");
  model.task = reader.text("task");
  model.version = reader.text("version");
  model.package = reader.text("package");
  model.file = reader.text("file");
  model.sha256 = reader.text("sha256");
  model.licence = reader.text("licence");
  model.notice = reader.text("notice");
  model.decoder = reader.text("decoder");
  model.quantised_from = reader.optional_text("quantised_from");
  model.input_multiple = reader.whole_number("input_multiple", 32, 1, 1024);
  model.input.layout = reader.one_of<InputLayout>("input_layout", {"NCHW", "NHWC"});
  model.input.colors = reader.one_of<InputColors>("input_colors", {"RGB", "BGR"});
  model.input.mean = reader.of_colors("input_mean", 0, 0, 255);
  model.input.scale = reader.of_colors("input_scale", 1, 1e-3, 1e3);
  model.calibration = reader.calibration("calibration");
  model.class_calibration = reader.class_calibration("class_calibration");
  model.presence_calibration = reader.calibration("presence_calibration");
  model.class_presence_calibration = reader.class_calibration("class_presence_calibration");
  if (!is_plain_name(model.name)) reader.complain("'name' may hold only letters, digits, '.', '_' and '-'");
  if (!is_plain_name(model.file)) reader.complain("'file' must be a plain file name");
  if (!is_sha256(model.sha256)) reader.complain("'sha256' must be 64 lower-case hexadecimal digits");
  if (!model.quantised_from.empty() && !is_sha256(model.quantised_from))
    reader.complain("'quantised_from' must be 64 lower-case hexadecimal digits");
  reader.refuse_unknown_keys();
  TRY(reader.verdict());
  return model;
}

}  // namespace

Result<ModelManifest> parse_manifest(std::string_view toml_text, std::string_view name) {
  if (toml_text.size() > kMaxManifestBytes)
    return fail(ErrorKind::corrupt, fmt::format("{}: bad model manifest: larger than 64 KiB", name));
  try {
    const toml::table table = toml::parse(toml_text);
    return read_manifest(table, name);
  } catch (const toml::parse_error& error) {
    return fail(ErrorKind::corrupt, fmt::format("{}: bad model manifest: line {}: {}", name,
                                                error.source().begin.line, error.description()));
  } catch (const std::exception& error) {
    return fail(ErrorKind::corrupt, fmt::format("{}: bad model manifest: {}", name, error.what()));
  }
}

}  // namespace sightline::inference
