#include "cloud/policy/json_tree.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <set>
#include <utility>

#include "base/utf8.h"

namespace sightline::policy {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 16;  // a policy needs seven

/// What Boost's parser calls for each token. Strings and numbers come in pieces.
class TreeBuilder {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  using Code = json::error_code;

  JsonTree take() { return std::move(root_); }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return open(JsonTree::Type::object); }
  bool on_object_end(std::size_t, Code& code) {
    const bool unique = names_differ(open_.back()->names);
    open_.pop_back();
    return unique || refuse(code);
  }
  bool on_array_begin(Code&) { return open(JsonTree::Type::array); }
  bool on_array_end(std::size_t, Code&) {
    open_.pop_back();
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, Code&) { return gather(part); }
  bool on_key(json::string_view part, std::size_t, Code&) {
    gather(part);
    open_.back()->names.push_back(std::exchange(gathered_, {}));
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, Code&) { return gather(part); }
  bool on_string(json::string_view part, std::size_t, Code&) { return scalar(JsonTree::Type::string, part); }
  bool on_number_part(json::string_view part, Code&) { return gather(part); }
  bool on_int64(std::int64_t, json::string_view part, Code&) { return scalar(JsonTree::Type::number, part); }
  bool on_uint64(std::uint64_t, json::string_view part, Code&) {
    return scalar(JsonTree::Type::number, part);
  }
  bool on_double(double, json::string_view part, Code&) { return scalar(JsonTree::Type::number, part); }
  bool on_bool(bool value, Code&) { return scalar(JsonTree::Type::boolean, value ? "true" : "false"); }
  bool on_null(Code&) {
    add();
    return true;
  }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

 private:
  static bool refuse(Code& code) {
    code = make_error_code(json::error::syntax);
    return false;
  }
  static bool names_differ(const std::vector<std::string>& names) {
    std::set<std::string_view> seen;
    return std::ranges::all_of(names, [&](const std::string& name) { return seen.insert(name).second; });
  }
  bool gather(json::string_view part) {
    gathered_.append(part.data(), part.size());
    return true;
  }
  JsonTree& add() {
    if (open_.empty()) return root_;
    return open_.back()->items.emplace_back();
  }
  /// The parents of an open value get no other child before it is closed, so that pointers to it stay true.
  bool open(JsonTree::Type type) {
    JsonTree& tree = add();
    tree.type = type;
    open_.push_back(&tree);
    return true;
  }
  bool scalar(JsonTree::Type type, json::string_view part) {
    gather(part);
    JsonTree& tree = add();
    tree.type = type;
    tree.text = std::exchange(gathered_, {});
    return true;
  }

  JsonTree root_;
  std::vector<JsonTree*> open_;
  std::string gathered_;
};

void write(const JsonTree& tree, std::string& out) {
  using Type = JsonTree::Type;
  const auto write_text = [&out](const std::string& text) {
    out += json::serialize(json::string_view(text));
  };
  if (tree.is(Type::null)) {
    out += "null";
  } else if (tree.is(Type::string)) {
    write_text(tree.text);
  } else if (tree.is(Type::number) || tree.is(Type::boolean)) {
    out += tree.text;
  } else {
    const bool object = tree.is(Type::object);
    out += object ? '{' : '[';
    for (std::size_t i = 0; i < tree.items.size(); ++i) {
      if (i > 0) out += ',';
      if (object) (write_text(tree.names[i]), out += ':');
      write(tree.items[i], out);
    }
    out += object ? '}' : ']';
  }
}

}  // namespace

const JsonTree* JsonTree::find(std::string_view name) const {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? nullptr : &items[static_cast<std::size_t>(found - names.begin())];
}

JsonTree* JsonTree::find(std::string_view name) {
  return const_cast<JsonTree*>(std::as_const(*this).find(name));
}

std::string write_json_tree(const JsonTree& tree) {
  std::string out;
  write(tree, out);
  return out;
}

std::optional<JsonTree> parse_json_tree(std::string_view text) {
  if (!is_utf8(text)) return std::nullopt;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<TreeBuilder> parser(options);
  json::error_code code;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), code);
  if (code || used != text.size()) return std::nullopt;
  return parser.handler().take();
}

}  // namespace sightline::policy
