#include "aws/dispatch/permission.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/dispatch/policy_request.h"
#include "aws/wire/scalar.h"
#include "base/ascii.h"

namespace sightline::aws::dispatch {
namespace {

/// "{Image.S3Object.Bucket?|name}" taken apart.
struct Hole {
  std::string_view path;
  bool optional = false;
  std::string_view resolver;
};

Hole read_hole(std::string_view text) {
  Hole hole;
  if (const auto bar = text.find('|'); bar != std::string_view::npos) {
    hole.resolver = text.substr(bar + 1);
    text = text.substr(0, bar);
  }
  hole.optional = text.ends_with('?');
  if (hole.optional) text.remove_suffix(1);
  hole.path = text;
  return hole;
}

/// Calls `literal` and `hole` for the parts of a template in turn. The generator has checked the braces.
template <typename OnLiteral, typename OnHole>
void each_part(std::string_view text, const OnLiteral& literal, const OnHole& hole) {
  while (!text.empty()) {
    const auto open = text.find('{');
    literal(text.substr(0, open));
    if (open == std::string_view::npos) return;
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) return;
    hole(read_hole(text.substr(open + 1, close - open - 1)));
    text.remove_prefix(close + 1);
  }
}

/// The value of a request's member as text.
std::optional<std::string> member_text(const wire::Shape* shape, const void* object, std::string_view path) {
  while (shape != nullptr && object != nullptr) {
    const auto dot = path.find('.');
    const auto member = std::ranges::find(shape->members, path.substr(0, dot), &wire::Member::name);
    if (member == shape->members.end()) return std::nullopt;
    object = member->slot.get(object);
    shape = member->shape;
    if (dot != std::string_view::npos) {
      path.remove_prefix(dot + 1);
      continue;
    }
    if (object == nullptr || !wire::is_scalar(shape->type)) return std::nullopt;
    return wire::format_scalar(
        *shape, wire::timestamp_format(*shape, member->timestamp, wire::TimestampFormat::iso8601), object);
  }
  return std::nullopt;
}

class Filling {
 public:
  Filling(const wire::Operation& operation, const void* request, const Context& context,
          const Resolvers& resolvers)
      : operation_(operation), request_(request), context_(context), resolvers_(resolvers) {}

  /// What a template becomes: nothing where a member is left out, several texts where a resolver gives
  /// several.
  [[nodiscard]] wire::Answer<std::vector<std::string>> fill(std::string_view text) const {
    std::vector<std::string> filled{""};
    wire::Answer<void> done;
    each_part(
        text,
        [&](std::string_view literal) {
          for (std::string& one : filled) one += literal;
        },
        [&](const Hole& hole) {
          if (!done) return;
          auto values = values_of(hole);
          if (!values) {
            done = std::unexpected(std::move(values).error());
            return;
          }
          std::vector<std::string> longer;
          for (const std::string& one : filled)
            for (const std::string& value : *values) longer.push_back(one + value);
          filled = std::move(longer);
        });
    TRY(done);
    return filled;
  }
  /// "user alice" of the template "{UserName|user}" of IAM, whose messages say that; else empty.
  [[nodiscard]] std::string name_in(std::string_view text) const {
    if (operation_.service->name != "iam" || !text.starts_with('{') || text.find('}') != text.size() - 1)
      return {};
    const Hole hole = read_hole(text.substr(1, text.size() - 2));
    const auto value = member_text(operation_.input, request_, hole.path);
    return value && !hole.resolver.empty() ? fmt::format("{} {}", hole.resolver, *value) : std::string();
  }

 private:
  [[nodiscard]] wire::Answer<std::vector<std::string>> values_of(const Hole& hole) const {
    if (hole.path == "account") return std::vector{context_.caller.account};
    if (hole.path == "region") return std::vector{context_.region};
    auto value = member_text(operation_.input, request_, hole.path);
    if (!value && hole.optional) return std::vector<std::string>();
    if (!hole.resolver.empty())
      return resolvers_.find(hole.resolver)->second(value ? &*value : nullptr, context_);
    return value ? std::vector{std::move(*value)} : std::vector<std::string>();
  }

  const wire::Operation& operation_;
  const void* request_;
  const Context& context_;
  const Resolvers& resolvers_;
};

/// As the service's own messages write the action.
std::string action_text(std::string_view action, const wire::Service& service) {
  return service.name == "sqs" ? to_lower(action) : std::string(action);
}

/// In the words of each service.
std::string denied_message(const AccessRequest& access, const Context& context, const wire::Service& service,
                           const Denial& denial) {
  const identity::Principal& caller = context.caller;
  std::string message = fmt::format("User: {} is not authorized to perform: {}",
                                    !caller.arn.empty()   ? caller.arn
                                    : caller.name.empty() ? "anonymous"
                                                          : caller.name,
                                    action_text(access.action, service));
  // Of all buckets S3 names none.
  const bool all_buckets = access.action == "s3:ListAllMyBuckets";
  if (access.resource != "*" && !all_buckets)
    message += fmt::format(" on resource: {0}{1}{0}", service.traits.s3_answers ? "\"" : "",
                           access.shown_as.empty() ? access.resource : access.shown_as);
  if (denial.reason.empty()) return message;
  std::string reason = denial.reason;
  if (const auto at = reason.find(access.action); at != std::string::npos)
    reason.replace(at, access.action.size(), action_text(access.action, service));
  return message + " " + reason;
}

wire::ErrorType denied_error(const wire::Service& service) {
  const bool json = wire::error_family(service) == wire::ErrorFamily::json;
  return {"AccessDeniedException", "AccessDenied", json && !service.query_compatible ? 400 : 403,
          wire::Fault::sender};
}

/// S3 says of a bucket that is not there just that, and why something is refused to its owner's account
/// alone.
wire::ServiceError s3_refusal(const AccessRequest& access, const Context& context,
                              const wire::Service& service, const Denial& denial) {
  if (denial.absent) {
    auto error = wire::service_error({"NoSuchBucket", "NoSuchBucket", 404, wire::Fault::sender},
                                     "The specified bucket does not exist");
    error.details = {{"BucketName", std::string(bucket_of(access.resource))}};
    return error;
  }
  constexpr wire::ErrorType kDenied{"AccessDenied", "AccessDenied", 403, wire::Fault::sender};
  if (denial.foreign || context.caller.arn.empty()) return wire::service_error(kDenied, "Access Denied");
  return wire::service_error(kDenied, denied_message(access, context, service, denial));
}

}  // namespace

std::optional<ResourcePolicy> ResourcePolicies::find(std::string_view arn, std::string_view account) const {
  const auto finder = finders_.find(service_of(arn));
  return finder == finders_.end() ? std::nullopt : finder->second(arn, account);
}

wire::Answer<std::vector<AccessRequest>> needed_permissions(const wire::Operation& operation,
                                                            const void* request, const Context& context,
                                                            const Resolvers& resolvers) {
  const Filling filling(operation, request, context, resolvers);
  std::vector<AccessRequest> needed;
  for (const wire::Permission& permission : operation.permissions) {
    bool may_be_absent = false;
    each_part(
        permission.resource, [](std::string_view) {},
        [&](const Hole& hole) { may_be_absent = may_be_absent || hole.optional; });
    std::vector<std::pair<std::string, std::string>> conditions;
    for (const wire::ConditionTemplate& condition : permission.conditions) {
      for (std::string& text : TRY(filling.fill(condition.text)))
        conditions.emplace_back(condition.key, std::move(text));
    }
    const std::string shown = filling.name_in(permission.resource);
    auto resources = TRY(filling.fill(permission.resource));
    if (resources.empty() && !may_be_absent)
      return std::unexpected(wire::internal_error(
          *operation.service, fmt::format("{} names no resource for {}", operation.name, permission.action)));
    for (std::string& resource : resources)
      needed.push_back({std::string(permission.action), std::move(resource), conditions, shown});
  }
  return needed;
}

std::vector<std::string_view> resolvers_of(const wire::Operation& operation) {
  std::vector<std::string_view> names;
  const auto collect = [&](std::string_view text) {
    each_part(
        text, [](std::string_view) {},
        [&](const Hole& hole) {
          if (!hole.resolver.empty()) names.push_back(hole.resolver);
        });
  };
  for (const wire::Permission& permission : operation.permissions) {
    collect(permission.resource);
    for (const wire::ConditionTemplate& condition : permission.conditions) collect(condition.text);
  }
  return names;
}

bool may(const AccessRequest& access, const Context& context) {
  return !context.authorizer->deny(access, context);
}

wire::Answer<void> check_access(const AccessRequest& access, const Context& context,
                                const wire::Service& service) {
  const auto denial = context.authorizer->deny(access, context);
  if (!denial) return {};
  if (service.traits.s3_answers) return std::unexpected(s3_refusal(access, context, service, *denial));
  return wire::refuse(denied_error(service), denied_message(access, context, service, *denial));
}

}  // namespace sightline::aws::dispatch
