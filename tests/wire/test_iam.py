"""Groups, roles and policies as boto3 manages them. What they allow: test_permissions.py."""
import json
import time
import unittest

from test_permissions import ACCOUNT, ADMINISTRATOR, PermissionTest, allow, deny, document, session_of, trust

READ = document(allow("s3:GetObject"))


class Groups(PermissionTest):
    def test_a_group_is_made_found_renamed_and_deleted(self):
        made = self.iam.create_group(GroupName=self.tail, Path="/crew/")["Group"]
        self.assertEqual(made["Arn"], f"arn:aws:iam::{ACCOUNT}:group/crew/{self.tail}")
        self.assertRegex(made["GroupId"], "^AGPA[A-Z2-7]{17}$")
        self.assertEqual(self.iam.get_group(GroupName=self.tail)["Group"], made)
        self.assertEqual(self.iam.list_groups(PathPrefix="/crew/")["Groups"], [made])
        self.assertEqual(self.message("EntityAlreadyExists", self.iam.create_group, GroupName=self.tail.upper()),
                         f"Group with name {self.tail.upper()} already exists.")
        self.iam.update_group(GroupName=self.tail, NewGroupName=f"new-{self.tail}", NewPath="/")
        self.assertEqual(self.message("NoSuchEntity", self.iam.get_group, GroupName=self.tail),
                         f"The group with name {self.tail} cannot be found.")
        self.assertEqual(self.iam.get_group(GroupName=f"new-{self.tail}")["Group"]["GroupId"], made["GroupId"])
        self.iam.delete_group(GroupName=f"new-{self.tail}")
        self.assert_code("NoSuchEntity", self.iam.delete_group, GroupName=f"new-{self.tail}")

    def test_members(self):
        self.iam.create_group(GroupName=self.tail)
        names = [self.make_user(name=f"m{n}")[0] for n in range(3)]
        for name in (*names, names[0]):
            self.iam.add_user_to_group(GroupName=self.tail, UserName=name)
        pages = self.iam.get_paginator("get_group").paginate(GroupName=self.tail, PaginationConfig={"PageSize": 2})
        self.assertEqual([[user["UserName"] for user in page["Users"]] for page in pages], [names[:2], names[2:]])
        self.assertEqual([group["GroupName"] for group in self.iam.list_groups_for_user(UserName=names[0])["Groups"]],
                         [self.tail])
        self.assertEqual(self.message("DeleteConflict", self.iam.delete_group, GroupName=self.tail),
                         "Cannot delete entity, must remove users from group first.")
        for name in names:
            self.iam.remove_user_from_group(GroupName=self.tail, UserName=name)
        self.assert_code("NoSuchEntity", self.iam.remove_user_from_group, GroupName=self.tail, UserName=names[0])
        self.assert_code("NoSuchEntity", self.iam.add_user_to_group, GroupName=self.tail, UserName="nobody")
        self.assertEqual(self.message("NoSuchEntity", self.iam.remove_user_from_group, GroupName="none", UserName="nobody"),
                         "The user with name nobody cannot be found.")
        for n in range(10):
            self.iam.create_group(GroupName=f"{self.tail}-{n}")
            self.iam.add_user_to_group(GroupName=f"{self.tail}-{n}", UserName=names[0])
        self.assertEqual(self.message("LimitExceeded", self.iam.add_user_to_group, GroupName=self.tail, UserName=names[0]),
                         "Cannot exceed quota for GroupsPerUser: 10")


class Users(PermissionTest):
    def test_a_renamed_user_keeps_what_it_has(self):
        name, key = self.make_user(allow("s3:ListAllMyBuckets", "iam:GetUser"))
        session = session_of(self.client("sts", **key).get_session_token())
        self.iam.update_user(UserName=name, NewUserName=f"new-{name}", NewPath="/team/")
        for keys in (key, session):
            self.assertEqual(self.client("sts", **keys).get_caller_identity()["Arn"],
                             f"arn:aws:iam::{ACCOUNT}:user/team/new-{name}")
            self.client("s3", **keys).list_buckets()
        self.assertEqual(self.client("iam", **key).get_user()["User"]["UserName"], f"new-{name}")
        self.assert_code("NoSuchEntity", self.iam.get_user, UserName=name)
        other, _ = self.make_user(name="other")
        self.assertEqual(self.message("EntityAlreadyExists", self.iam.update_user, UserName=other,
                                      NewUserName=f"NEW-{name}"), f"User with name NEW-{name} already exists.")


class InlinePolicies(PermissionTest):
    def test_of_users_groups_and_roles(self):
        user = self.make_user()[0]
        self.iam.create_group(GroupName=self.tail)
        role = self.make_role(trust({"AWS": ACCOUNT}))["RoleName"]
        for kind, name in (("user", user), ("group", self.tail), ("role", role)):
            with self.subTest(kind):
                who = {f"{kind.title()}Name": name}
                put, get, delete = (getattr(self.iam, f"{verb}_{kind}_policy") for verb in ("put", "get", "delete"))
                listed = getattr(self.iam, f"list_{kind}_policies")
                for policy in ("b", "a"):
                    put(PolicyName=policy, PolicyDocument=READ, **who)
                self.assertEqual(listed(**who)["PolicyNames"], ["a", "b"])
                page = listed(MaxItems=1, **who)
                self.assertEqual((page["PolicyNames"], page["IsTruncated"]), (["a"], True))
                self.assertEqual(listed(Marker=page["Marker"], **who)["PolicyNames"], ["b"])
                answer = get(PolicyName="a", **who)
                self.assertEqual((answer[f"{kind.title()}Name"], answer["PolicyDocument"]), (name, json.loads(READ)))
                self.assertEqual(self.message("DeleteConflict", getattr(self.iam, f"delete_{kind}"), **who),
                                 "Cannot delete entity, must delete "
                                 + ("access keys" if kind == "user" else "policies") + " first.")
                delete(PolicyName="a", **who)
                for call in (get, delete):
                    self.assertEqual(self.message("NoSuchEntity", call, PolicyName="a", **who),
                                     f"The {kind} policy with name a cannot be found.")
                self.assertEqual(self.message("NoSuchEntity", put, PolicyName="a", PolicyDocument=READ,
                                              **{f"{kind.title()}Name": "nobody"}),
                                 f"The {kind} with name nobody cannot be found.")


class ManagedPolicies(PermissionTest):
    def make(self, **more):
        return self.iam.create_policy(**{"PolicyName": self.tail, "PolicyDocument": READ, **more})["Policy"]

    def test_a_policy_is_made_and_found(self):
        made = self.make(Path="/p/", Description="reads", Tags=[{"Key": "team", "Value": "red"}])
        self.assertEqual(made["Arn"], f"arn:aws:iam::{ACCOUNT}:policy/p/{self.tail}")
        self.assertRegex(made["PolicyId"], "^ANPA[A-Z2-7]{17}$")
        found = self.iam.get_policy(PolicyArn=made["Arn"])["Policy"]
        self.assertEqual((found["DefaultVersionId"], found["AttachmentCount"], found["IsAttachable"], found["Description"],
                          found["Tags"]), ("v1", 0, True, "reads", [{"Key": "team", "Value": "red"}]))
        self.assertEqual(self.message("EntityAlreadyExists", self.make),
                         f"A policy called {self.tail} already exists. Duplicate names are not allowed.")
        missing = f"arn:aws:iam::{ACCOUNT}:policy/missing"
        self.assertEqual(self.message("NoSuchEntity", self.iam.get_policy, PolicyArn=missing),
                         f"Policy {missing} was not found.")
        user = self.make_user()[0]
        self.assertEqual(self.message("NoSuchEntity", self.iam.attach_user_policy, UserName=user, PolicyArn=missing),
                         f"Policy {missing} does not exist or is not attachable.")
        self.assertEqual(self.message("ValidationError", self.iam.attach_user_policy, UserName=user, PolicyArn=missing[4:]),
                         f"ARN {missing[4:]} is not valid.")
        self.assertEqual(self.message("NoSuchEntity", self.iam.get_policy_version, PolicyArn=made["Arn"], VersionId="v9"),
                         f"Policy {made['Arn']} version v9 does not exist or is not attachable.")
        for call, more in ((self.iam.list_policy_tags, {}), (self.iam.tag_policy, {"Tags": []}),
                           (self.iam.untag_policy, {"TagKeys": []})):
            self.assertEqual(self.message("NoSuchEntity", call, PolicyArn=missing, **more), f"Policy {missing} was not found.")

    def test_versions(self):
        arn = self.make()["Arn"]
        for action in ("s3:PutObject", "s3:DeleteObject"):
            self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow(action)))
        self.iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
        listed = self.iam.list_policy_versions(PolicyArn=arn)["Versions"]
        self.assertEqual([(version["VersionId"], version["IsDefaultVersion"]) for version in listed],
                         [("v3", False), ("v2", True), ("v1", False)])
        pages = self.iam.get_paginator("list_policy_versions").paginate(PolicyArn=arn, PaginationConfig={"PageSize": 2})
        self.assertEqual([len(page["Versions"]) for page in pages], [2, 1])
        self.assertEqual(self.iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"],
                         json.loads(READ))
        self.assert_code("NoSuchEntity", self.iam.get_policy_version, PolicyArn=arn, VersionId="v9")
        self.assertEqual(self.message("DeleteConflict", self.iam.delete_policy_version, PolicyArn=arn, VersionId="v2"),
                         "Cannot delete the default version of a policy.")
        self.assertIn("more than one version", self.message("DeleteConflict", self.iam.delete_policy, PolicyArn=arn))
        for version in ("v1", "v3"):
            self.iam.delete_policy_version(PolicyArn=arn, VersionId=version)
        self.iam.delete_policy(PolicyArn=arn)
        self.assert_code("NoSuchEntity", self.iam.get_policy, PolicyArn=arn)

    def test_attachments(self):
        arn, user = self.make()["Arn"], self.make_user()[0]
        self.iam.create_group(GroupName=self.tail)
        role = self.make_role(trust({"AWS": ACCOUNT}))["RoleName"]
        for kind, name in (("user", user), ("group", self.tail), ("role", role)):
            who = {f"{kind.title()}Name": name}
            for policy in (arn, ADMINISTRATOR, arn):
                getattr(self.iam, f"attach_{kind}_policy")(PolicyArn=policy, **who)
            listed = getattr(self.iam, f"list_attached_{kind}_policies")(**who)["AttachedPolicies"]
            self.assertEqual(listed, [{"PolicyName": self.tail, "PolicyArn": arn},
                                      {"PolicyName": "AdministratorAccess", "PolicyArn": ADMINISTRATOR}])
        self.assertEqual(self.iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"], 3)
        holders = self.iam.list_entities_for_policy(PolicyArn=arn)
        self.assertEqual(([one["UserName"] for one in holders["PolicyUsers"]],
                          [one["GroupName"] for one in holders["PolicyGroups"]],
                          [one["RoleName"] for one in holders["PolicyRoles"]]), ([user], [self.tail], [role]))
        self.assertEqual(self.iam.list_entities_for_policy(PolicyArn=arn, EntityFilter="Role")["PolicyUsers"], [])
        pages = list(self.iam.get_paginator("list_entities_for_policy").paginate(
            PolicyArn=arn, PaginationConfig={"PageSize": 2}))
        self.assertEqual([[len(page[kind]) for kind in ("PolicyUsers", "PolicyGroups", "PolicyRoles")] for page in pages],
                         [[1, 1, 0], [0, 0, 1]])
        self.assertEqual(self.message("DeleteConflict", self.iam.delete_policy, PolicyArn=arn),
                         "Cannot delete a policy attached to entities.")
        self.assertEqual(self.message("DeleteConflict", self.iam.delete_role, RoleName=role),
                         "Cannot delete entity, must detach all policies first.")
        self.iam.detach_role_policy(RoleName=role, PolicyArn=arn)
        self.assertEqual(self.message("NoSuchEntity", self.iam.detach_role_policy, RoleName=role, PolicyArn=arn),
                         f"Policy {arn} was not found.")
        self.iam.detach_role_policy(RoleName=role, PolicyArn=ADMINISTRATOR)
        self.iam.delete_role(RoleName=role)

    def test_lists(self):
        mine = sorted(self.iam.create_policy(PolicyName=f"{self.tail}-{n}", Path=f"/{self.tail}/", PolicyDocument=READ)
                      ["Policy"]["Arn"] for n in range(3))
        local = self.iam.get_paginator("list_policies").paginate(Scope="Local", PathPrefix=f"/{self.tail}/",
                                                                 PaginationConfig={"PageSize": 2})
        self.assertEqual([[policy["Arn"] for policy in page["Policies"]] for page in local], [mine[:2], mine[2:]])
        of_aws = [policy["Arn"] for page in self.iam.get_paginator("list_policies").paginate(
            Scope="AWS", PaginationConfig={"PageSize": 7}) for policy in page["Policies"]]
        self.assertIn(ADMINISTRATOR, of_aws)
        self.assertEqual(len(of_aws), len(set(of_aws)))
        every = [policy["Arn"] for page in self.iam.get_paginator("list_policies").paginate(
            PaginationConfig={"PageSize": 5}) for policy in page["Policies"]]
        self.assertLessEqual({*mine, *of_aws}, set(every))
        self.assertEqual(len(every), len(set(every)))
        role = self.make_role(trust({"AWS": ACCOUNT}))["RoleName"]
        self.iam.attach_role_policy(RoleName=role, PolicyArn=mine[0])
        attached = self.iam.list_policies(OnlyAttached=True, PathPrefix=f"/{self.tail}/")["Policies"]
        self.assertEqual([policy["Arn"] for policy in attached], mine[:1])

    def test_policies_of_aws_can_be_looked_at(self):
        answer = self.iam.get_policy(PolicyArn=ADMINISTRATOR)["Policy"]
        version = self.iam.get_policy_version(PolicyArn=ADMINISTRATOR, VersionId=answer["DefaultVersionId"])["PolicyVersion"]
        self.assertEqual(version["Document"]["Statement"], [{"Effect": "Allow", "Action": "*", "Resource": "*"}])
        self.assertEqual(answer["CreateDate"].year, 2015)


class Roles(PermissionTest):
    def test_a_role_is_made_changed_and_deleted(self):
        policy = trust({"Service": "lambda.amazonaws.com"})
        made = self.make_role(policy, Path="/jobs/", Description="works", MaxSessionDuration=7200,
                              Tags=[{"Key": "team", "Value": "red"}])
        name = made["RoleName"]
        self.assertEqual(made["Arn"], f"arn:aws:iam::{ACCOUNT}:role/jobs/{name}")
        self.assertRegex(made["RoleId"], "^AROA[A-Z2-7]{17}$")
        found = self.iam.get_role(RoleName=name)["Role"]
        self.assertEqual(found, {**made, "RoleLastUsed": {}, "MaxSessionDuration": 7200})
        self.assertEqual((found["AssumeRolePolicyDocument"], found["MaxSessionDuration"], found["Description"]),
                         (json.loads(policy), 7200, "works"))
        self.assertEqual([role["RoleName"] for role in self.iam.list_roles(PathPrefix="/jobs/")["Roles"]], [name])
        self.iam.update_role(RoleName=name, Description="rests")
        changed = self.iam.get_role(RoleName=name)["Role"]
        self.assertEqual((changed["Description"], changed["MaxSessionDuration"]), ("rests", 7200))
        self.iam.update_role(RoleName=name, MaxSessionDuration=3600)
        changed = self.iam.get_role(RoleName=name)["Role"]
        self.assertEqual((changed["Description"], changed["MaxSessionDuration"]), ("rests", 3600))
        described = self.iam.update_role_description(RoleName=name, Description="sleeps")["Role"]
        self.assertEqual((described["Description"], described.get("MaxSessionDuration")), ("sleeps", None))
        self.assertEqual(self.message("EntityAlreadyExists", self.make_role, policy), f"Role with name {name} already exists.")
        self.assertEqual(self.message("MalformedPolicyDocument", self.iam.update_assume_role_policy, RoleName=name,
                                      PolicyDocument=READ), "AssumeRole policy may only specify STS AssumeRole actions.")
        self.assertEqual(self.iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"], [])
        self.iam.delete_role(RoleName=name)
        for find in (self.iam.get_role, self.iam.list_instance_profiles_for_role):
            self.assertEqual(self.message("NoSuchEntity", find, RoleName=name), f"The role with name {name} cannot be found.")
        self.assert_code("InvalidInput", self.iam.create_role, RoleName=name, AssumeRolePolicyDocument=policy,
                         PermissionsBoundary=ADMINISTRATOR)


class AccountDetails(PermissionTest):
    def test_everything_comes_in_pages(self):
        user, _ = self.make_user(allow("s3:GetObject"))
        self.iam.create_group(GroupName=self.tail)
        self.iam.add_user_to_group(GroupName=self.tail, UserName=user)
        role = self.make_role(trust({"AWS": ACCOUNT}), allow("sqs:*"))
        arn = self.iam.create_policy(PolicyName=self.tail, PolicyDocument=READ)["Policy"]["Arn"]
        self.iam.attach_group_policy(GroupName=self.tail, PolicyArn=arn)
        for size in (1, 2, 1000):
            found = {"UserDetailList": {}, "GroupDetailList": {}, "RoleDetailList": {}, "Policies": {}}
            for page in self.iam.get_paginator("get_account_authorization_details").paginate(
                    PaginationConfig={"PageSize": size}):
                self.assertLessEqual(sum(len(page[name]) for name in found), size)
                for name, details in found.items():
                    for one in page[name]:
                        self.assertNotIn(one["Arn"], details)
                        details[one["Arn"]] = one
            mine = found["UserDetailList"][f"arn:aws:iam::{ACCOUNT}:user/{user}"]
            self.assertEqual((mine["GroupList"], mine["UserPolicyList"][0]["PolicyDocument"]), ([self.tail], json.loads(READ)))
            self.assertEqual(found["GroupDetailList"][f"arn:aws:iam::{ACCOUNT}:group/{self.tail}"]["AttachedManagedPolicies"],
                             [{"PolicyName": self.tail, "PolicyArn": arn}])
            self.assertEqual(found["RoleDetailList"][role["Arn"]]["RolePolicyList"][0]["PolicyName"], "own")
            self.assertEqual(found["Policies"][arn]["PolicyVersionList"][0]["Document"], json.loads(READ))
        only = self.iam.get_account_authorization_details(Filter=["Role"])
        self.assertEqual((only["UserDetailList"], only["Policies"]), ([], []))


class Simulation(PermissionTest):
    def decisions(self, answer):
        return [(one["EvalActionName"], one["EvalResourceName"], one["EvalDecision"]) for one in answer["EvaluationResults"]]

    def test_of_a_principal(self):
        name, key = self.make_user(allow("s3:GetObject", resource="arn:aws:s3:::a/*"), allow("s3:ListBucket", Condition={
            "StringEquals": {"s3:prefix": "x"}}), deny("sqs:*"))
        arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
        self.iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonSQSFullAccess")
        ask = {"PolicySourceArn": arn, "ActionNames": ["s3:GetObject", "sqs:SendMessage"],
               "ResourceArns": ["arn:aws:s3:::a/k", "arn:aws:s3:::b/k"]}
        answer = self.iam.simulate_principal_policy(**ask)
        self.assertEqual(self.decisions(answer), [
            ("s3:GetObject", "arn:aws:s3:::a/k", "allowed"), ("s3:GetObject", "arn:aws:s3:::b/k", "implicitDeny"),
            ("sqs:SendMessage", "arn:aws:s3:::a/k", "explicitDeny"), ("sqs:SendMessage", "arn:aws:s3:::b/k", "explicitDeny")])
        self.assertEqual(answer["EvaluationResults"][0]["MatchedStatements"][0]["SourcePolicyId"], "own")
        pages = self.iam.get_paginator("simulate_principal_policy").paginate(PaginationConfig={"PageSize": 3}, **ask)
        self.assertEqual([len(page["EvaluationResults"]) for page in pages], [3, 1])
        (listed,) = self.iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:ListBucket"])["EvaluationResults"]
        self.assertEqual((listed["EvalDecision"], listed["MissingContextValues"]), ("implicitDeny", ["s3:prefix"]))
        (listed,) = self.iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:ListBucket"], ContextEntries=[
            {"ContextKeyName": "s3:prefix", "ContextKeyValues": ["x"], "ContextKeyType": "string"}])["EvaluationResults"]
        self.assertEqual(listed["EvalDecision"], "allowed")
        # The keys that requests have, with the user's tags; whether TLS is used nobody has said.
        self.iam.tag_user(UserName=name, Tags=[{"Key": "team", "Value": "red"}])
        self.iam.put_user_policy(UserName=name, PolicyName="tagged", PolicyDocument=document(
            allow("sns:Publish", Condition={"StringEquals": {"aws:PrincipalTag/team": "red", "aws:PrincipalType": "User"}}),
            allow("sns:Subscribe", Condition={"Bool": {"aws:SecureTransport": "true"}})))
        given, unknown = self.iam.simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=["sns:Publish", "sns:Subscribe"])["EvaluationResults"]
        self.assertEqual((given["EvalDecision"], given["MissingContextValues"]), ("allowed", []))
        self.assertEqual((unknown["EvalDecision"], unknown["MissingContextValues"]), ("implicitDeny", ["aws:SecureTransport"]))
        self.assert_code("NoSuchEntity", self.iam.simulate_principal_policy, ActionNames=["s3:GetObject"],
                         PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/nobody")
        self.assert_code("AccessDenied", self.client("iam", **key).simulate_principal_policy, **ask)

    def test_of_documents(self):
        answer = self.iam.simulate_custom_policy(PolicyInputList=[READ], ActionNames=["s3:GetObject", "s3:PutObject"])
        self.assertEqual([one[2] for one in self.decisions(answer)], ["allowed", "implicitDeny"])
        self.assert_code("InvalidInput", self.iam.simulate_custom_policy, PolicyInputList=["{"], ActionNames=["s3:GetObject"])
        many = self.iam.simulate_custom_policy(PolicyInputList=[READ], ActionNames=["s3:GetObject"] * 150, MaxItems=1000)
        self.assertEqual((len(many["EvaluationResults"]), many["IsTruncated"]), (100, True))
        self.assert_code("InvalidInput", self.iam.simulate_custom_policy, ActionNames=["s3:GetObject"], PolicyInputList=[
            document(allow("s3:*", resource="arn:aws:s3:::" + "b" * 21_000))])

    def test_what_it_may_cost(self):
        slow = document(allow("s3:GetObject", Condition={"StringLike": {"web:y": ["*" + "?a" * 4_900 + "b"]}}))
        ask = {"PolicyInputList": [slow], "ActionNames": ["s3:GetObject"] * 100}
        entry = {"ContextKeyName": "web:y", "ContextKeyType": "string"}
        self.assert_code("InvalidInput", self.iam.simulate_custom_policy, **ask, ContextEntries=[
            {**entry, "ContextKeyValues": ["a" * 70_000]}])
        self.assert_code("InvalidInput", self.iam.simulate_custom_policy, **ask, ContextEntries=[
            {**entry, "ContextKeyValues": ["a"] * 3_000}])
        self.assert_code("InvalidInput", self.iam.simulate_custom_policy, **ask, ResourceArns=[
            f"arn:aws:s3:::{i}/" + "a" * 1_000 for i in range(70)])
        begin = time.monotonic()
        answer = self.iam.simulate_custom_policy(**ask, ContextEntries=[{**entry, "ContextKeyValues": ["a" * 60_000]}])
        self.assertEqual({one[2] for one in self.decisions(answer)}, {"implicitDeny"})
        # 0.2 s; without an end to each evaluation it would be 13 minutes.
        self.assertLess(time.monotonic() - begin, 20)


class Tags(PermissionTest):
    def test_tags_of_users_roles_and_policies(self):
        user = {"UserName": self.make_user()[0]}
        role = {"RoleName": self.make_role(trust({"AWS": ACCOUNT}))["RoleName"]}
        policy = {"PolicyArn": self.iam.create_policy(PolicyName=self.tail, PolicyDocument=READ)["Policy"]["Arn"]}
        for kind, who in (("user", user), ("role", role), ("policy", policy)):
            with self.subTest(kind):
                tag, untag, listed = (getattr(self.iam, name) for name in (
                    f"tag_{kind}", f"untag_{kind}", f"list_{kind}_tags"))
                tag(Tags=[{"Key": "b", "Value": "1"}, {"Key": "a", "Value": ""}], **who)
                tag(Tags=[{"Key": "B", "Value": "2"}], **who)
                # The case of keys does not count, but with policies.
                a, b, second = ({"Key": "a", "Value": ""}, {"Key": "b", "Value": "1"}, {"Key": "B", "Value": "2"})
                all_tags = [second, a, b] if kind == "policy" else [a, second]
                self.assertEqual(listed(**who)["Tags"], all_tags)
                page = listed(MaxItems=1, **who)
                self.assertEqual((page["Tags"], listed(Marker=page["Marker"], **who)["Tags"]), (all_tags[:1], all_tags[1:]))
                untag(TagKeys=["b", "missing"], **who)
                self.assertEqual(listed(**who)["Tags"], [second, a] if kind == "policy" else [a])
                untag(TagKeys=["B"], **who)
                self.assertEqual(listed(**who)["Tags"], [a])
                x, capital = ({"Key": key, "Value": ""} for key in "xX")
                self.assertEqual(self.message("InvalidInput", tag, Tags=[x, x], **who), "Duplicate tag keys found." + (
                    "" if kind == "policy" else " Please note that Tag keys are case insensitive."))
                if kind != "policy":
                    self.assert_code("InvalidInput", tag, Tags=[x, capital], **who)
                for key in ("aws:x", "AWS:x"):
                    self.assert_code("InvalidInput", tag, Tags=[{"Key": key, "Value": ""}], **who)
                self.assert_code("LimitExceeded", tag, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)], **who)
        self.assertEqual(self.iam.get_user(**user)["User"]["Tags"], [{"Key": "a", "Value": ""}])
        self.assertEqual(self.iam.get_role(**role)["Role"]["Tags"], [{"Key": "a", "Value": ""}])


if __name__ == "__main__":
    unittest.main()
