"""An organization on the embedded AWS: units, accounts with a role for the audit, chains in them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

from chains import ACCOUNT, REMAINING, Chain, client, make_good_chain
from sg_alarm.local_aws import LocalAws
from sg_alarm.rule.operations import PATTERN_OF_SECURITY_HUB

ROLE = "sg-alarm-audit"


@dataclass
class Organization:
    """The names of what was made; ``accounts`` by name. The management account is ``chains.ACCOUNT``."""

    aws: LocalAws
    region: str
    root: str = ""
    id: str = ""
    accounts: dict[str, str] = field(default_factory=dict)

    @property
    def api(self) -> Any:
        return client(self.aws, "organizations", self.region)

    def unit(self, name: str, parent: str | None = None) -> str:
        """Make an organizational unit, below the root or another one; return its id."""
        made = self.api.create_organizational_unit(ParentId=parent or self.root, Name=name)
        return str(made["OrganizationalUnit"]["Id"])

    def account(self, name: str, unit: str | None = None, role: str = ROLE) -> str:
        """Make an account whose role trusts the management account; return its number."""
        made = self.api.create_account(AccountName=name, Email=f"{name}@example.com", RoleName=role)
        account = str(made["CreateAccountStatus"]["AccountId"])
        if unit:
            self.api.move_account(AccountId=account, SourceParentId=self.root, DestinationParentId=unit)
        self.accounts[name] = account
        return account

    def suspend(self, name: str) -> None:
        """Close an account."""
        self.api.close_account(AccountId=self.accounts[name])

    def client(self, name: str, service: str, role: str = ROLE) -> Any:
        """Return a boto3 client of an account, through its role."""
        arn = f"arn:aws:iam::{self.accounts[name]}:role/{role}"
        sts = client(self.aws, "sts", self.region)
        found = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        return boto3.client(
            service,
            region_name=self.region,
            endpoint_url=self.aws.endpoint,
            aws_access_key_id=found["AccessKeyId"],
            aws_secret_access_key=found["SecretAccessKey"],
            aws_session_token=found["SessionToken"],
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )

    def ask_for_external_id(self, name: str, external_id: str) -> None:
        """Let an account's role ask for an external id."""
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
                }
            ],
        }
        iam = self.client(name, "iam")
        iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(trust))

    def trail_of_its_own(self, name: str) -> str:
        """Give an account a trail that delivers to no log group; return its ARN."""
        bucket = f"trail-{self.accounts[name]}"
        self.client(name, "s3").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": self.region}
        )
        made = self.client(name, "cloudtrail").create_trail(
            Name="own", S3BucketName=bucket, IsMultiRegionTrail=True
        )
        return str(made["TrailARN"])

    def let_in(self, name: str, role: str) -> None:
        """Make another role in an account, which trusts the management account."""
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "sts:AssumeRole",
        }
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.client(name, "iam").create_role(RoleName=role, AssumeRolePolicyDocument=trust)

    def chain_of_its_own(self, name: str) -> None:
        """Give an account a trail and a good chain of its own."""
        account = self.accounts[name]
        self.let_in(name, "owner")
        chain = Chain(
            self.aws, self.region, account, patterns=(PATTERN_OF_SECURITY_HUB, REMAINING), queue=False
        )
        chain.put_log_group()
        bucket = f"trail-{account}"
        self.client(name, "s3").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": self.region}
        )
        cloudtrail = self.client(name, "cloudtrail")
        cloudtrail.create_trail(
            Name="own",
            S3BucketName=bucket,
            IsMultiRegionTrail=True,
            CloudWatchLogsLogGroupArn=chain.log_group_arn,
            CloudWatchLogsRoleArn=f"arn:aws:iam::{account}:role/trail",
        )
        cloudtrail.start_logging(Name="own")
        chain.watch()

    def trail(self, account: str = ACCOUNT, **settings: Any) -> Chain:
        """Make the organization's trail with a good chain, whose log group an account holds."""
        return make_good_chain(self.aws, self.region, account, IsOrganizationTrail=True, **settings)


def make_organization(aws: LocalAws, region: str) -> Organization:
    """Make an organization with its management account alone."""
    made = Organization(aws, region)
    made.id = made.api.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    made.root = made.api.list_roots()["Roots"][0]["Id"]
    return made
