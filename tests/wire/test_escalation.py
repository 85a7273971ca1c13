"""The known ways from little to everything: each is closed without the permission that AWS asks for, and open with it."""
import json
import unittest

from test_permissions import ACCOUNT, ADMINISTRATOR, PermissionTest, allow, deny, document, session_of, trust

EVERYTHING = document(allow("*"))


class Ways(PermissionTest):
    """Of an attacker, a user, who wants to list users: `iam:ListUsers` is what the way up gives."""

    def setUp(self):
        super().setUp()
        self.name, self.key = self.make_user(name="attacker")
        self.arn = f"arn:aws:iam::{ACCOUNT}:user/{self.name}"
        self.mine = self.client("iam", **self.key)

    def may(self, *statements):
        self.iam.put_user_policy(UserName=self.name, PolicyName="given", PolicyDocument=document(*statements))

    def is_up(self, client=None):
        try:
            (client or self.mine).list_users()
        except self.mine.exceptions.ClientError as error:
            self.assertEqual(error.response["Error"]["Code"], "AccessDenied")
            return False
        return True

    def assert_way(self, action, step, resource="*", client=None):
        """Closed with every other permission on policies but this one; open with it."""
        self.may(allow("iam:*", "sts:*"), deny(action), deny("iam:ListUsers", Condition={
            "StringEquals": {"aws:PrincipalTag/up": "never"}}))
        self.assertIn(f"not authorized to perform: {action} ", self.message("AccessDenied", step))
        self.may(allow(action, resource=resource))
        self.assertFalse(self.is_up(client))
        step()
        self.assertTrue(self.is_up(client))

    def test_create_policy_version(self):
        arn = self.iam.create_policy(PolicyName=self.tail, PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
        self.iam.attach_user_policy(UserName=self.name, PolicyArn=arn)
        self.assert_way("iam:CreatePolicyVersion", lambda: self.mine.create_policy_version(
            PolicyArn=arn, PolicyDocument=EVERYTHING, SetAsDefault=True), arn)

    def test_set_default_policy_version(self):
        arn = self.iam.create_policy(PolicyName=self.tail, PolicyDocument=EVERYTHING)["Policy"]["Arn"]
        self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("s3:*")), SetAsDefault=True)
        self.iam.attach_user_policy(UserName=self.name, PolicyArn=arn)
        self.assert_way("iam:SetDefaultPolicyVersion", lambda: self.mine.set_default_policy_version(
            PolicyArn=arn, VersionId="v1"), arn)

    def test_attach_user_policy(self):
        self.assert_way("iam:AttachUserPolicy", lambda: self.mine.attach_user_policy(
            UserName=self.name, PolicyArn=ADMINISTRATOR), self.arn)

    def test_put_user_policy(self):
        self.assert_way("iam:PutUserPolicy", lambda: self.mine.put_user_policy(
            UserName=self.name, PolicyName="up", PolicyDocument=EVERYTHING), self.arn)

    def in_group(self):
        self.iam.create_group(GroupName=self.tail)
        self.iam.add_user_to_group(GroupName=self.tail, UserName=self.name)
        return f"arn:aws:iam::{ACCOUNT}:group/{self.tail}"

    def test_attach_group_policy(self):
        arn = self.in_group()
        self.assert_way("iam:AttachGroupPolicy", lambda: self.mine.attach_group_policy(
            GroupName=self.tail, PolicyArn=ADMINISTRATOR), arn)

    def test_put_group_policy(self):
        arn = self.in_group()
        self.assert_way("iam:PutGroupPolicy", lambda: self.mine.put_group_policy(
            GroupName=self.tail, PolicyName="up", PolicyDocument=EVERYTHING), arn)

    def test_add_user_to_group(self):
        self.iam.create_group(GroupName=self.tail)
        self.iam.attach_group_policy(GroupName=self.tail, PolicyArn=ADMINISTRATOR)
        self.assert_way("iam:AddUserToGroup", lambda: self.mine.add_user_to_group(
            GroupName=self.tail, UserName=self.name), f"arn:aws:iam::{ACCOUNT}:group/{self.tail}")

    def in_role(self):
        role = self.make_role(trust({"AWS": self.arn}), allow("iam:PutRolePolicy", "iam:AttachRolePolicy"))
        return role, self.client("iam", **session_of(self.assume(self.key, role)))

    def test_attach_role_policy(self):
        role, session = self.in_role()
        self.assert_way("iam:AttachRolePolicy", lambda: self.mine.attach_role_policy(
            RoleName=role["RoleName"], PolicyArn=ADMINISTRATOR), role["Arn"], session)

    def test_put_role_policy(self):
        role, session = self.in_role()
        self.assert_way("iam:PutRolePolicy", lambda: self.mine.put_role_policy(
            RoleName=role["RoleName"], PolicyName="up", PolicyDocument=EVERYTHING), role["Arn"], session)

    def test_create_access_key(self):
        victim, _ = self.make_user(allow("*"), name="victim")
        self.may(allow("iam:CreateAccessKey", resource=self.arn))
        self.assert_code("AccessDenied", self.mine.create_access_key, UserName=victim)
        self.may(allow("iam:CreateAccessKey", resource=f"arn:aws:iam::{ACCOUNT}:user/{victim}"))
        self.mine.create_access_key(UserName=victim)

    def test_update_assume_role_policy(self):
        role = self.make_role(trust({"Service": "lambda.amazonaws.com"}), allow("*"))
        trusting_me = {"RoleName": role["RoleName"], "PolicyDocument": trust({"AWS": self.arn})}
        self.may(allow("iam:*", "sts:*"), deny("iam:UpdateAssumeRolePolicy"))
        self.assert_code("AccessDenied", self.mine.update_assume_role_policy, **trusting_me)
        self.assert_code("AccessDenied", self.assume, self.key, role)
        self.may(allow("iam:UpdateAssumeRolePolicy", resource=role["Arn"]))
        self.mine.update_assume_role_policy(**trusting_me)
        self.assertTrue(self.is_up(self.client("iam", **session_of(self.assume(self.key, role)))))

    def test_pass_role(self):
        """A video's topic names a role: whoever may not pass it is refused before anything else."""
        self.client("s3").create_bucket(Bucket=self.tail)
        role = self.make_role(trust({"Service": "rekognition.amazonaws.com"}), allow("*"))
        request = {"Video": {"S3Object": {"Bucket": self.tail, "Name": "clip"}}, "NotificationChannel": {
            "RoleArn": role["Arn"], "SNSTopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:AmazonRekognition-x"}}
        start = self.client("rekognition", **self.key).start_face_detection
        self.may(allow("rekognition:*", "s3:*"))
        self.assertIn("not authorized to perform: iam:PassRole on resource: " + role["Arn"],
                      self.message("AccessDeniedException", start, **request))
        self.may(allow("rekognition:*", "s3:*"), allow("iam:PassRole", resource=f"arn:aws:iam::{ACCOUNT}:role/other"))
        self.assert_code("AccessDeniedException", start, **request)


class Tricks(PermissionTest):
    def test_another_spelling_of_a_name_is_the_same_user(self):
        victim, _ = self.make_user(name="victim")
        _, key = self.make_user(allow("iam:*"), deny("iam:*", resource=f"arn:aws:iam::{ACCOUNT}:user/{victim}"))
        for name in (victim, victim.upper()):
            self.assert_code("AccessDenied", self.client("iam", **key).create_access_key, UserName=name)

    def test_a_path_is_the_users_own(self):
        self.iam.create_user(UserName=self.tail, Path="/admins/")
        _, key = self.make_user(allow("iam:CreateAccessKey", resource=f"arn:aws:iam::{ACCOUNT}:user/team/*"))
        iam = self.client("iam", **key)
        self.assert_code("AccessDenied", iam.create_access_key, UserName=self.tail)
        self.iam.create_user(UserName=f"team-{self.tail}", Path="/team/")
        iam.create_access_key(UserName=f"team-{self.tail}")

    def test_a_new_name_needs_permission_too(self):
        """Policies of others may name whoever is called so."""
        name, key = self.make_user(name="plain")
        arn = f"arn:aws:iam::{ACCOUNT}:user"
        self.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(
            allow("iam:UpdateUser", resource=[f"{arn}/{name}", f"{arn}/plain-*"])))
        iam = self.client("iam", **key)
        for change in ({"NewUserName": "admin"}, {"NewPath": "/admins/"}):
            self.assertIn("not authorized to perform: iam:UpdateUser",
                          self.message("AccessDenied", iam.update_user, UserName=name, **change))
        iam.update_user(UserName=name, NewUserName=f"plain-new-{self.tail}")
        self.iam.create_group(GroupName=self.tail)
        _, key = self.make_user(allow("iam:UpdateGroup", resource=f"arn:aws:iam::{ACCOUNT}:group/{self.tail}"))
        self.assert_code("AccessDenied", self.client("iam", **key).update_group, GroupName=self.tail, NewGroupName="admins")

    def test_only_the_policies_that_are_meant_are_attached(self):
        name, key = self.make_user(allow("iam:AttachUserPolicy", Condition={
            "ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}}))
        iam = self.client("iam", **key)
        self.assert_code("AccessDenied", iam.attach_user_policy, UserName=name, PolicyArn=ADMINISTRATOR)
        iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")

    def test_nobody_changes_policies_of_aws(self):
        _, key = self.make_user(allow("*"))
        for iam in (self.client("iam", **key), self.iam):
            self.assert_code("AccessDenied", iam.create_policy_version, PolicyArn=ADMINISTRATOR, PolicyDocument=EVERYTHING)
            self.assert_code("AccessDenied", iam.delete_policy, PolicyArn=ADMINISTRATOR)
            self.assert_code("AccessDenied", iam.set_default_policy_version, PolicyArn=ADMINISTRATOR, VersionId="v1")
            iam.get_policy(PolicyArn=ADMINISTRATOR)

    def test_a_narrow_session_widens_neither_itself_nor_its_role(self):
        name, key = self.make_user(allow("sts:*"))
        role = self.make_role(trust({"AWS": ACCOUNT}), allow("*"))
        narrow = session_of(self.assume(key, role, Policy=document(allow("s3:*", "sts:*"))))
        iam = self.client("iam", **narrow)
        self.assert_code("AccessDenied", iam.put_role_policy, RoleName=role["RoleName"], PolicyName="x",
                         PolicyDocument=EVERYTHING)
        self.assert_code("AccessDenied", iam.put_user_policy, UserName=name, PolicyName="x", PolicyDocument=EVERYTHING)
        self.assert_code("AccessDenied", self.client("sts", **narrow).get_session_token)
        # Assumed anew without a policy the role may all again: as on AWS, only where the session may assume it.
        self.assume(narrow, role)
        narrower = session_of(self.assume(key, role, Policy=document(allow("s3:*"))))
        self.assert_code("AccessDenied", self.assume, narrower, role)

    def test_a_roles_session_is_nobody_whose_keys_it_could_make(self):
        """Whoever names no user means himself, and a session of a role is none: least of all the root."""
        _, key = self.make_user(allow("sts:*"))
        role = self.make_role(trust({"AWS": ACCOUNT}), allow("iam:*"))
        iam = self.client("iam", **session_of(self.assume(key, role)))
        before = self.iam.list_access_keys()["AccessKeyMetadata"]
        for call, more in ((iam.create_access_key, {}), (iam.get_user, {}), (iam.list_access_keys, {}),
                           (iam.delete_access_key, {"AccessKeyId": key["key"]}),
                           (iam.update_access_key, {"AccessKeyId": key["key"], "Status": "Inactive"})):
            self.assertIn("Must specify userName", self.message("ValidationError", call, **more))
        self.assertEqual(self.iam.list_access_keys()["AccessKeyMetadata"], before)

    def test_tags_that_open_doors_need_permission(self):
        name, key = self.make_user(allow("iam:CreateUser", "iam:CreateRole", "iam:CreatePolicy", "sts:AssumeRole"))
        iam, tags = self.client("iam", **key), [{"Key": "team", "Value": "admin"}]
        self.assert_code("AccessDenied", iam.tag_user, UserName=name, Tags=tags)
        self.assertIn("iam:TagUser", self.message("AccessDenied", iam.create_user, UserName=self.tail, Tags=tags))
        iam.create_user(UserName=self.tail)
        role = self.make_role(document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}))
        self.assertIn("sts:TagSession", self.message("AccessDenied", self.assume, key, role, Tags=tags))
        self.assume(key, role)
        new_role = {"RoleName": self.tail, "AssumeRolePolicyDocument": trust({"AWS": ACCOUNT})}
        new_policy = {"PolicyName": self.tail, "PolicyDocument": EVERYTHING}
        for action, create, new in (("iam:TagRole", iam.create_role, new_role), ("iam:TagPolicy", iam.create_policy, new_policy)):
            self.assertIn(action, self.message("AccessDenied", create, Tags=tags, **new))
            create(**new)

    def test_a_source_identity_needs_a_permission_of_its_own_on_both_sides(self):
        _, key = self.make_user(allow("sts:AssumeRole", "sts:SetSourceIdentity"))
        _, unable = self.make_user(allow("sts:AssumeRole"), name="unable")
        role = self.make_role(trust({"AWS": ACCOUNT}))
        self.assertEqual(self.assume(key, role, SourceIdentity="bob")["SourceIdentity"], "bob")
        self.assume(unable, role)
        self.assertIn("sts:SetSourceIdentity", self.message("AccessDenied", self.assume, unable, role, SourceIdentity="bob"))
        wary = self.make_role(document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}), name="wary")
        self.assume(key, wary)
        self.assert_code("AccessDenied", self.assume, key, wary, SourceIdentity="bob")

    def test_another_account_is_not_reached(self):
        _, key = self.make_user(allow("*"))
        iam = self.client("iam", **key)
        for call, more in ((iam.get_policy, {"PolicyArn": "arn:aws:iam::111122223333:policy/theirs"}),
                           (iam.delete_policy, {"PolicyArn": "arn:aws:iam::111122223333:policy/theirs"})):
            self.assert_code("AccessDenied", call, **more)
        self.assert_code("AccessDenied", self.assume, key, {"Arn": "arn:aws:iam::111122223333:role/theirs"})


class Documents(PermissionTest):
    """What is no policy, or too much of one."""

    def refused(self, code, text, call=None, **more):
        if call is None:
            name, _ = self.make_user()
            call, more = self.iam.put_user_policy, {"UserName": name, "PolicyName": "p", **more}
        type(self).count += 1
        self.tail = f"{type(self).__name__.lower()}{self.count}"
        return self.message(code, call, PolicyDocument=text, **more)

    def test_malformed_documents(self):
        one = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
        for text in ("{", "[]", "{}", '{"Version": "2012-10-17"}', "null", '"x"',
                     json.dumps({"Version": "2013-01-01", "Statement": [one]}),
                     document({**one, "Effect": "allow"}), document({**one, "Principal": "*"}),
                     document({**one, "NotPrincipal": {"AWS": "*"}}), document({"Effect": "Allow", "Action": "s3:*"}),
                     document({**one, "Action": "GetObject"}), document({**one, "Resource": "bucket"}),
                     document({**one, "Condition": {"StringEqual": {"a": "b"}}}),
                     document({**one, "Sid": "a"}, {**one, "Sid": "a"}),
                     '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}]}',
                     document(one) + "x", "[" * 5000 + "]" * 5000,
                     '{"Version":"2012-10-17","Statement":' + "[" * 100 + "]" * 100 + "}"):
            with self.subTest(text[:80]):
                self.refused("MalformedPolicyDocument", text)

    def test_letters_that_only_look_alike_are_others(self):
        bucket = self.make_bucket()
        name, key = self.make_user()
        try:  # Whether it is taken or not, it allows nothing.
            self.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(
                allow("\u0455\u0033:GetObject", "s3:G\u0435tObject")))
        except self.iam.exceptions.MalformedPolicyDocumentException:
            pass
        self.assert_code("AccessDenied", self.client("s3", **key).get_object, Bucket=bucket, Key="there")

    def test_limits_of_size(self):
        def long(size):
            return document(allow("s3:*", resource="arn:aws:s3:::" + "b" * size))

        name, _ = self.make_user()
        self.assertEqual(self.refused("LimitExceeded", long(2048), self.iam.put_user_policy, UserName=name, PolicyName="p"),
                         f"Maximum policy size of 2048 bytes exceeded for user {name}")
        self.assertEqual(self.refused("LimitExceeded", long(6144), self.iam.create_policy, PolicyName=name),
                         "Cannot exceed quota for PolicySize: 6144")
        role = self.make_role(trust({"AWS": ACCOUNT}))["RoleName"]
        self.assertEqual(self.refused("LimitExceeded", long(10240), self.iam.put_role_policy, RoleName=role, PolicyName="p"),
                         f"Maximum policy size of 10240 bytes exceeded for role {role}")
        self.iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=long(10000))
        self.assertEqual(self.refused("LimitExceeded", trust({"AWS": ACCOUNT}, Sid="x" * 2048),
                                      self.iam.update_assume_role_policy, RoleName=role),
                         "Cannot exceed quota for ACLSizePerRole: 2048")

    def test_versions(self):
        arn = self.iam.create_policy(PolicyName=self.tail, PolicyDocument=EVERYTHING)["Policy"]["Arn"]
        for _ in range(4):
            self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=EVERYTHING)
        self.assertIn("up to 5 versions", self.refused("LimitExceeded", EVERYTHING, self.iam.create_policy_version,
                                                       PolicyArn=arn))


if __name__ == "__main__":
    unittest.main()
