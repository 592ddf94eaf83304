"""Every kind of event there is. Adding one means adding a Struct to its subject's file and its name here."""

from events.vocabulary import accounts, assignments, generation, questions
from events.vocabulary.event import Event, Registry, UnknownEvent, Upcaster, VocabularyError

__all__ = ["REGISTRY", "Event", "Registry", "UnknownEvent", "Upcaster", "VocabularyError"]

REGISTRY = Registry(
    types=[
        questions.QuestionAdded,
        questions.QuestionApproved,
        questions.QuestionRetired,
        questions.QuestionReported,
        questions.ImportCompleted,
        questions.StarterBankAdded,
        assignments.QuestionsAssigned,
        assignments.QuestionAnswered,
        assignments.SeenReset,
        generation.GenerationRequested,
        generation.GenerationSlotTaken,
        generation.GenerationJoined,
        generation.GenerationCounted,
        generation.GenerationClaimed,
        generation.GenerationReleased,
        generation.CandidatesReceived,
        generation.ProviderFailed,
        generation.BreakerOpened,
        generation.BreakerClosed,
        generation.TokensSpent,
        generation.SpendingDayStarted,
        generation.CandidateAdded,
        generation.CandidateRejected,
        generation.GenerationCompleted,
        generation.GenerationFailed,
        generation.GenerationCancelled,
        generation.GenerationJobsRemoved,
        accounts.UserRegistered,
        accounts.GuestJoined,
        accounts.ProfileChanged,
        accounts.PasswordChanged,
        accounts.RoleChanged,
        accounts.SubjectForgotten,
        accounts.EmailReserved,
        accounts.EmailReleased,
        accounts.LoginStarted,
        accounts.LoginRefreshed,
        accounts.LoginEnded,
        accounts.InvitationMade,
        accounts.InvitationUsed,
        accounts.FirstAdminInvited,
        accounts.OrganisationMade,
    ],
    upcasters=[],
)
"""The registry that the software runs with; built when imported, so a gap in an upcaster chain stops the start."""
