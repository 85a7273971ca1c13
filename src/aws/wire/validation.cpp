#include "aws/wire/validation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "aws/wire/pattern.h"
#include "aws/wire/scalar.h"
#include "base/utf8.h"

namespace sightline::aws::wire {
namespace {

constexpr std::size_t kMaxViolations = 20;
constexpr std::size_t kMaxShownValue = 1024;

/// Coral's spelling of a member in a path: its first letter small.
std::string path_name(std::string_view name) {
  std::string small(name);
  if (!small.empty() && small[0] >= 'A' && small[0] <= 'Z')
    small[0] = static_cast<char>(small[0] + ('a' - 'A'));
  return small;
}

bool is_number(ShapeType type) {
  return type == ShapeType::int32 || type == ShapeType::int64 || type == ShapeType::float32 ||
         type == ShapeType::float64;
}

double number_of(const Shape& shape, const void* value) {
  switch (shape.type) {
    case ShapeType::int32:
      return *static_cast<const std::int32_t*>(value);
    case ShapeType::int64:
      return static_cast<double>(*static_cast<const std::int64_t*>(value));
    case ShapeType::float32:
      return static_cast<double>(*static_cast<const float*>(value));
    default:
      return *static_cast<const double*>(value);
  }
}

std::size_t length_of(const Shape& shape, const void* value) {
  switch (shape.type) {
    case ShapeType::string:
      return count_characters(*static_cast<const std::string*>(value));
    case ShapeType::blob:
      return static_cast<const Bytes*>(value)->size();
    case ShapeType::list:
      return shape.list->size(value);
    case ShapeType::map:
      return shape.map->size(value);
    default:
      return 0;
  }
}

/// A value as a message shows it: at full length where it is short, and cut between two characters where not.
std::string shown(const Shape& shape, const void* value) {
  std::string text;
  if (shape.type == ShapeType::list) {
    for (std::size_t i = 0; i < shape.list->size(value) && text.size() <= kMaxShownValue; ++i) {
      if (i > 0) text += ", ";
      text += shown(*shape.element, shape.list->at(value, i));
    }
    text = "[" + text + "]";
  } else if (is_scalar(shape.type)) {
    text = format_scalar(shape, timestamp_format(shape, {}, TimestampFormat::iso8601), value);
  }
  if (text.size() <= kMaxShownValue) return text;
  std::size_t cut = kMaxShownValue;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80) --cut;
  return text.substr(0, cut) + "...";
}

bool is_shown(const Shape& shape, const void* value) {
  if (shape.sensitive || shape.type == ShapeType::blob || shape.type == ShapeType::structure ||
      shape.type == ShapeType::map) {
    return false;
  }
  if (shape.type != ShapeType::list || shape.list->size(value) == 0) return true;
  return is_shown(*shape.element, shape.list->at(value, 0));
}

/// A place in the request, as a chain from the innermost name outward: no text is made until it is needed.
struct Path {
  const Path* parent = nullptr;
  std::string_view name = {};
  std::size_t index = 0;  ///< from 1, where it is an element of a list

  [[nodiscard]] std::string text() const {
    std::string own = index > 0 ? fmt::format("{}.member", index) : path_name(name);
    return parent ? parent->text() + "." + own : own;
  }
};

/// The limits of `shape` in Coral's words, in its order: those that elements of a list are told together.
std::vector<std::string> demands(const Shape& shape) {
  std::vector<std::string> words;
  const std::string_view what = is_number(shape.type) ? "value" : "length";
  if (shape.max != Shape().max) {
    words.push_back(fmt::format("Member must have {} less than or equal to {}", what, shape.max));
  }
  if (shape.min != Shape().min) {
    words.push_back(fmt::format("Member must have {} greater than or equal to {}", what, shape.min));
  }
  if (!shape.pattern.empty()) {
    words.push_back(fmt::format("Member must satisfy regular expression pattern: {}", shape.pattern));
  }
  if (!shape.values.empty()) {
    words.push_back(fmt::format("Member must satisfy enum value set: [{}]", fmt::join(shape.values, ", ")));
  }
  return words;
}

class Checker {
 public:
  explicit Checker(const PatternSet& patterns) : patterns_(patterns) {}

  void structure(const Shape& shape, const void* object, const Path* parent) {
    for (const Member& member : shape.members) {
      const Path path{parent, member.name, 0};
      const void* value = member.slot.get(object);
      if (!value) {
        if (member.required) add("Value null at", path, "Member must not be null");
        continue;
      }
      this->value(*member.shape, value, path);
    }
  }

  [[nodiscard]] std::string message() const {
    return fmt::format("{} validation error{} detected: {}", violations_.size(),
                       violations_.size() == 1 ? "" : "s", fmt::join(violations_, "; "));
  }
  [[nodiscard]] bool clean() const { return violations_.empty(); }

 private:
  void value(const Shape& shape, const void* value, const Path& path) {
    for (const std::string& demand : unmet(shape, value)) tell(shape, value, path, demand);
    if (shape.type == ShapeType::structure) {
      structure(shape, value, &path);
    } else if (shape.type == ShapeType::list) {
      elements(shape, value, path);
    } else if (shape.type == ShapeType::map) {
      entries(shape, value, path);
    }
  }

  /// A list of scalars with a bad one is told as a whole, with all that its elements must satisfy.
  void elements(const Shape& list, const void* value, const Path& path) {
    const Shape& element = *list.element;
    const std::size_t size = list.list->size(value);
    for (std::size_t i = 0; i < size && violations_.size() < kMaxViolations; ++i) {
      const void* item = list.list->at(value, i);
      if (!is_scalar(element.type)) {
        this->value(element, item, {&path, {}, i + 1});
      } else if (!unmet(element, item).empty()) {
        tell(list, value, path,
             fmt::format("Member must satisfy constraint: [{}]", fmt::join(demands(element), ", ")));
        return;
      }
    }
  }

  void entries(const Shape& map, const void* value, const Path& path) {
    const Shape& element = *map.element;
    bool keys = true;
    bool values = true;
    map.map->each(value, [&](const std::string& key, const void* item) {
      if (violations_.size() >= kMaxViolations) return;
      keys = keys && unmet(*map.key, &key).empty();
      if (is_scalar(element.type)) {
        values = values && unmet(element, item).empty();
      } else {
        const Path entry{&path, key, 0};
        const Path member{&entry, "member", 0};
        this->value(element, item, member);
      }
    });
    if (!keys)
      tell(map, value, path,
           fmt::format("Map keys must satisfy constraint: [{}]", fmt::join(demands(*map.key), ", ")));
    if (!values)
      tell(map, value, path,
           fmt::format("Map value must satisfy constraint: [{}]", fmt::join(demands(element), ", ")));
  }

  /// What `value` itself does not satisfy; its parts are looked at elsewhere.
  std::vector<std::string> unmet(const Shape& shape, const void* value) const {
    std::vector<std::string> words;
    if (is_unbounded(shape)) return words;
    if (shape.type == ShapeType::string) {
      const std::string& text = *static_cast<const std::string*>(value);
      if (!shape.values.empty() && std::ranges::find(shape.values, text) == shape.values.end()) {
        words.push_back(
            fmt::format("Member must satisfy enum value set: [{}]", fmt::join(shape.values, ", ")));
      }
      if (!shape.pattern.empty() && !patterns_.matches(shape, text)) {
        words.push_back(fmt::format("Member must satisfy regular expression pattern: {}", shape.pattern));
      }
    }
    const bool number = is_number(shape.type);
    const double size = number ? number_of(shape, value) : static_cast<double>(length_of(shape, value));
    const std::string_view what = number ? "value" : "length";
    if (!(size >= static_cast<double>(shape.min))) {
      words.push_back(fmt::format("Member must have {} greater than or equal to {}", what, shape.min));
    }
    if (!(size <= static_cast<double>(shape.max))) {
      words.push_back(fmt::format("Member must have {} less than or equal to {}", what, shape.max));
    }
    return words;
  }

  static bool is_unbounded(const Shape& shape) {
    return shape.values.empty() && shape.pattern.empty() && shape.min == Shape().min &&
           shape.max == Shape().max;
  }

  void tell(const Shape& shape, const void* value, const Path& path, std::string_view demand) {
    add(is_shown(shape, value) ? fmt::format("Value '{}' at", shown(shape, value)) : std::string("Value at"),
        path, demand);
  }
  void add(std::string_view subject, const Path& path, std::string_view demand) {
    if (violations_.size() >= kMaxViolations) return;
    violations_.push_back(
        fmt::format("{} '{}' failed to satisfy constraint: {}", subject, path.text(), demand));
  }

  const PatternSet& patterns_;
  std::vector<std::string> violations_;
};

}  // namespace

struct Validator::Impl {
  PatternSet patterns;
};

Validator::Validator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Validator::Validator(Validator&&) noexcept = default;
Validator& Validator::operator=(Validator&&) noexcept = default;
Validator::~Validator() = default;

Result<Validator> Validator::create(std::span<const Service* const> services) {
  auto impl = std::make_unique<Impl>();
  for (const Service* service : services) {
    for (const Shape* shape : service->patterned) TRY(impl->patterns.add(*shape));
  }
  return Validator(std::move(impl));
}

std::optional<ServiceError> Validator::check(const Operation& operation, const void* input) const {
  if (!operation.input) return std::nullopt;
  Checker checker(impl_->patterns);
  checker.structure(*operation.input, input, nullptr);
  if (checker.clean()) return std::nullopt;
  return validation_error(*operation.service, checker.message());
}

}  // namespace sightline::aws::wire
