#include "cloud/policy/request.h"

#include "base/time_text.h"

namespace sightline::policy {
namespace {

std::string_view principal_type(CallerKind kind) {
  switch (kind) {
    case CallerKind::root:
      return "Account";
    case CallerKind::user:
      return "User";
    case CallerKind::role:
    case CallerKind::session:
      return "AssumedRole";
    case CallerKind::federated_user:
      return "FederatedUser";
    case CallerKind::service:
      return "Service";
    case CallerKind::federated:
      return "WebIdentityUser";
    case CallerKind::anonymous:
      break;
  }
  return "Anonymous";
}

}  // namespace

void add_global_keys(const Caller& caller, const RequestContext& around, Keys& keys) {
  const auto set = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) keys.set(name, std::string(value));
  };
  keys.set("aws:currenttime", iso8601(around.now, Fraction::where_needed));
  keys.set("aws:epochtime",
           std::to_string(std::chrono::floor<std::chrono::seconds>(around.now).time_since_epoch().count()));
  if (around.token_issued)
    keys.set("aws:tokenissuetime", iso8601(*around.token_issued, Fraction::where_needed));
  set("aws:sourceip", around.source_ip);
  set("aws:useragent", around.user_agent);
  set("aws:requestedregion", around.region);
  set("aws:resourceaccount", around.resource_account);
  if (around.secure) set("aws:securetransport", *around.secure ? "true" : "false");
  set("aws:viaawsservice", "false");
  set("aws:principaltype", principal_type(caller.kind));
  set("aws:principalisawsservice", caller.kind == CallerKind::service ? "true" : "false");
  if (caller.kind == CallerKind::service) set("aws:principalservicename", caller.service);
  set("aws:principalaccount", caller.account);
  // Of an assumed role it is the role's, whatever the session is called.
  set("aws:principalarn", caller.kind == CallerKind::session ? caller.source_arn : caller.arn);
  set("aws:userid", caller.kind == CallerKind::anonymous ? "anonymous" : caller.id);
  if (caller.kind == CallerKind::user) set("aws:username", caller.name);
  for (const auto& [name, value] : around.principal_tags)
    keys.set(std::string("aws:principaltag/").append(name), value);
}

}  // namespace sightline::policy
