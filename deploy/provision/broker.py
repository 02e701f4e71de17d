"""The broker as provisioning sees it: what it holds, and how to change it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from confluent_kafka import KafkaError
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from deploy.administering import REQUEST_S, Administrator
from deploy.provision.cluster import Acl, Operation, Resource, TopicState
from deploy.provision.errors import ProvisioningError
from deploy.provision.plan import (
    Change,
    ConfigureTopic,
    CreateTopic,
    Grant,
    GrowTopic,
    RemoveUser,
    Revoke,
    SetQuota,
    SetUser,
)
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.settings import Connection

ITERATIONS = 4096
"""SCRAM iterations: Kafka's least, enough for passwords of 256 random bits."""
_AT_ONCE = 200
"""Topics per request: one request for thousands would exceed the broker's time for it."""
_RESOURCES = {
    Resource.TOPIC: ResourceType.TOPIC,
    Resource.GROUP: ResourceType.GROUP,
    Resource.TRANSACTIONAL_ID: ResourceType.TRANSACTIONAL_ID,
    Resource.CLUSTER: ResourceType.BROKER,
}
_RESOURCE_NAMES = {value: key for key, value in _RESOURCES.items()}

T = TypeVar("T")


class Broker:
    """Reads and changes topics, users and ACLs as the super user. Raises Unavailable while the broker is away."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._administrator = Administrator(connection, ProvisioningError)
        self._admin = self._administrator.client

    def check_rights(self) -> None:
        """Raise NotConfigured unless this user may administer the cluster.

        Asked first: librdkafka answers "no ACLs" to whom the broker refuses to list them, and aborts the process when
        the list of users is refused.
        """
        self._ask(lambda: self._admin.list_topics(timeout=3))  # soon told when it is away
        cluster = self._result(self._admin.describe_cluster(include_authorized_operations=True))
        if AclOperation.ALTER not in (cluster.authorized_operations or ()):
            raise NotConfigured(
                f"{self._connection.user!r} may not administer the broker at {self._connection.bootstrap};"
                " the super user may"
            )

    def topics(self) -> dict[str, TopicState]:
        """Every topic that is not the broker's own, with the settings that it has of its own."""
        listed = self._ask(lambda: self._admin.list_topics(timeout=5)).topics
        names = [name for name in listed if not name.startswith("__")]
        configs: dict[str, dict[str, str]] = {}
        for some in _chunks(names):
            resources = [ConfigResource(ResourceType.TOPIC, name) for name in some]
            asked = self._ask(partial(self._admin.describe_configs, resources, request_timeout=REQUEST_S))
            for resource, entries in self._results(asked).items():
                configs[resource.name] = {
                    name: entry.value
                    for name, entry in entries.items()
                    if entry.source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value
                }
        return {
            name: TopicState(
                partitions=len(listed[name].partitions),
                replicas=max((len(one.replicas) for one in listed[name].partitions.values()), default=0),
                config=configs[name],
            )
            for name in names
        }

    def cluster_id(self) -> str:
        """The id that the cluster gave itself when it was made."""
        return str(self._ask(lambda: self._admin.list_topics(timeout=5)).cluster_id)

    def users(self) -> frozenset[str]:
        """Users with a SCRAM-SHA-512 credential."""
        found = self._result(self._admin.describe_user_scram_credentials(request_timeout=REQUEST_S))
        return frozenset(
            name
            for name, described in found.items()
            if any(info.mechanism == ScramMechanism.SCRAM_SHA_512 for info in described.scram_credential_infos)
        )

    def acls(self) -> frozenset[Acl]:
        """Every ACL."""
        every = AclBindingFilter(
            ResourceType.ANY,
            None,
            ResourcePatternType.ANY,
            None,
            None,
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        found = self._result(self._admin.describe_acls(every, request_timeout=REQUEST_S))
        # Of kinds that the client has no name for (delegation tokens, users) nothing can be ours.
        return frozenset(
            _acl(one) for one in found if one.restype in _RESOURCE_NAMES and one.operation.name in Operation.__members__
        )

    def quotas(self) -> dict[str, dict[str, float]]:
        """How fast each user may write and read."""
        from deploy.provision.quotas import quotas  # another client, that no other command needs: not for its --help

        return quotas(self._connection)

    def apply(self, changes: Iterable[Change], password: Callable[[str], str], taken: Callable[[str], None]) -> None:
        """Make `changes`, kinds in the order in which they come.

        `password` gives a user's password; `taken` is told of each user whose password the broker took.
        """
        for kind, some in _by_kind(changes):
            if kind is SetQuota:
                self._limit([change for change in some if isinstance(change, SetQuota)])
                continue
            for chunk in _chunks(some):
                futures: Mapping[Any, Future[Any]] = self._request(kind, chunk, password)
                self._results(futures)
                for change in chunk:
                    if isinstance(change, SetUser):
                        taken(change.name)

    def _limit(self, changes: Iterable[SetQuota]) -> None:
        from deploy.provision.quotas import set_quotas

        set_quotas(self._connection, {change.name: change.values for change in changes})

    def _request(self, kind: type[Change], changes: list[Any], password: Callable[[str], str]) -> Any:
        admin, options = self._admin, {"request_timeout": REQUEST_S}
        if kind is CreateTopic:
            return admin.create_topics([_new(change.name, change.topic) for change in changes], **options)
        if kind is GrowTopic:
            return admin.create_partitions([NewPartitions(c.name, c.partitions) for c in changes], **options)
        if kind is ConfigureTopic:
            return admin.incremental_alter_configs([_settings(c.name, c.config) for c in changes], **options)
        if kind is SetUser:
            info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
            made = [UserScramCredentialUpsertion(c.name, info, password(c.name).encode()) for c in changes]
            return admin.alter_user_scram_credentials(made, **options)
        if kind is RemoveUser:
            gone = [UserScramCredentialDeletion(c.name, ScramMechanism.SCRAM_SHA_512) for c in changes]
            return admin.alter_user_scram_credentials(gone, **options)
        if kind is Grant:
            return admin.create_acls([AclBinding(*_binding(c.acl)) for c in changes], **options)
        if kind is Revoke:
            return admin.delete_acls([AclBindingFilter(*_binding(c.acl)) for c in changes], **options)
        raise TypeError(f"the broker makes no {kind.__name__}")

    def _results(self, futures: Mapping[T, Future[Any]]) -> dict[T, Any]:
        return {key: self._result(future) for key, future in futures.items()}

    def _result(self, future: Future[Any]) -> Any:
        # A topic that is there: somebody was faster; the next look will tell.
        return self._administrator.result(future, fine=(KafkaError.TOPIC_ALREADY_EXISTS,))

    def _ask(self, question: Callable[[], T]) -> T:
        return self._administrator.ask(question)


def _new(name: str, topic: TopicState) -> NewTopic:
    return NewTopic(name, topic.partitions, topic.replicas, config=dict(topic.config))


def _settings(name: str, config: Mapping[str, str]) -> ConfigResource:
    entries = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in config.items()]
    return ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)


def _binding(acl: Acl) -> tuple[Any, ...]:
    return (
        _RESOURCES[acl.resource],
        acl.name,
        ResourcePatternType.PREFIXED if acl.prefixed else ResourcePatternType.LITERAL,
        f"User:{acl.principal}",
        acl.host,
        AclOperation[acl.operation],
        AclPermissionType.ALLOW if acl.allow else AclPermissionType.DENY,
    )


def _acl(binding: AclBinding) -> Acl:
    return Acl(
        principal=binding.principal.removeprefix("User:"),
        resource=_RESOURCE_NAMES[binding.restype],
        name=binding.name,
        operation=Operation(binding.operation.name),
        prefixed=binding.resource_pattern_type is ResourcePatternType.PREFIXED,
        host=binding.host,
        allow=binding.permission_type is AclPermissionType.ALLOW,
    )


def _by_kind(changes: Iterable[Change]) -> Iterable[tuple[type[Change], list[Change]]]:
    kinds: dict[type[Change], list[Change]] = {}
    for change in changes:
        kinds.setdefault(type(change), []).append(change)
    return kinds.items()


def _chunks(items: list[T]) -> Iterable[list[T]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
