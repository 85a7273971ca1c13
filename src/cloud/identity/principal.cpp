#include "cloud/identity/principal.h"

#include <fmt/format.h>

#include <algorithm>

namespace sightline::identity {

Principal root_of(std::string_view account) {
  return {PrincipalKind::root, std::string(account), std::string(account), "",
          fmt::format("arn:aws:iam::{}:root", account)};
}

Principal user_principal(std::string_view account, std::string_view id, std::string_view path,
                         std::string_view name) {
  return {PrincipalKind::user, std::string(account), std::string(id), std::string(name),
          user_arn(account, path, name)};
}

Principal service_principal(std::string_view name) {
  return {PrincipalKind::service, "", "", std::string(name), ""};
}

std::string user_arn(std::string_view account, std::string_view path, std::string_view name) {
  return fmt::format("arn:aws:iam::{}:user{}{}", account, path, name);
}

std::string group_arn(std::string_view account, std::string_view path, std::string_view name) {
  return fmt::format("arn:aws:iam::{}:group{}{}", account, path, name);
}

std::string role_arn(std::string_view account, std::string_view path, std::string_view name) {
  return fmt::format("arn:aws:iam::{}:role{}{}", account, path, name);
}

std::string policy_arn(std::string_view account, std::string_view path, std::string_view name) {
  return fmt::format("arn:aws:iam::{}:policy{}{}", account, path, name);
}

bool is_account(std::string_view text) {
  return text.size() == 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace sightline::identity
