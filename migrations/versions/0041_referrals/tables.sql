-- What the sender keeps of an interview (伴走型相談支援の面談). Its items are sealed.
CREATE TABLE interviews (
    id uuid CONSTRAINT pk_interviews PRIMARY KEY,
    family_id uuid NOT NULL CONSTRAINT fk_interviews_family_id REFERENCES families,
    organisation_id uuid NOT NULL
        CONSTRAINT fk_interviews_organisation_id REFERENCES organisations,
    guardian_id uuid CONSTRAINT fk_interviews_guardian_id REFERENCES guardians,
    worker_id uuid NOT NULL CONSTRAINT fk_interviews_worker_id REFERENCES users,
    stage text NOT NULL CONSTRAINT ck_interviews_stage CHECK
        (stage IN ('notification', 'eighth_month', 'after_birth', 'other')),
    held_on date NOT NULL,
    guide_ticked_on date,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_interviews_family_id ON interviews (family_id);
CREATE INDEX ix_interviews_organisation_id ON interviews (organisation_id, held_on);

CREATE TABLE interview_items (
    id uuid CONSTRAINT pk_interview_items PRIMARY KEY,
    interview_id uuid NOT NULL CONSTRAINT fk_interview_items_interview_id REFERENCES interviews,
    family_id uuid NOT NULL CONSTRAINT fk_interview_items_family_id REFERENCES families,
    organisation_id uuid NOT NULL
        CONSTRAINT fk_interview_items_organisation_id REFERENCES organisations,
    item text NOT NULL CONSTRAINT ck_interview_items_item CHECK (length(item) <= 40),
    value_sealed bytea NOT NULL,
    CONSTRAINT uq_interview_items_interview_id UNIQUE (interview_id, item)
);
CREATE INDEX ix_interview_items_family_id ON interview_items (family_id);

-- Passing on without consent: a ground chosen from the law, a reason, and a second person.
CREATE TABLE legal_grounds (
    id uuid CONSTRAINT pk_legal_grounds PRIMARY KEY,
    family_id uuid NOT NULL CONSTRAINT fk_legal_grounds_family_id REFERENCES families,
    organisation_id uuid NOT NULL
        CONSTRAINT fk_legal_grounds_organisation_id REFERENCES organisations,
    receiver_id uuid NOT NULL CONSTRAINT fk_legal_grounds_receiver_id REFERENCES organisations,
    ground text NOT NULL CONSTRAINT ck_legal_grounds_ground CHECK (length(ground) <= 40),
    items text[] NOT NULL,
    reason_sealed bytea NOT NULL,
    is_urgent boolean NOT NULL DEFAULT false,
    phoned_at timestamptz,
    decided_by uuid NOT NULL CONSTRAINT fk_legal_grounds_decided_by REFERENCES users,
    decided_at timestamptz NOT NULL,
    released_by uuid CONSTRAINT fk_legal_grounds_released_by REFERENCES users,
    released_at timestamptz,
    review_due_on date,
    reviewed_by uuid CONSTRAINT fk_legal_grounds_reviewed_by REFERENCES users,
    reviewed_at timestamptz,
    review_agreed boolean,
    ended_at timestamptz,
    CONSTRAINT ck_legal_grounds_second_person CHECK (released_by <> decided_by),
    CONSTRAINT ck_legal_grounds_reviewer CHECK (reviewed_by <> decided_by),
    CONSTRAINT ck_legal_grounds_released CHECK ((released_by IS NULL) = (released_at IS NULL)),
    CONSTRAINT ck_legal_grounds_urgent CHECK
        (NOT is_urgent OR phoned_at IS NOT NULL AND review_due_on IS NOT NULL)
);
CREATE INDEX ix_legal_grounds_family_id ON legal_grounds (family_id);
CREATE INDEX ix_legal_grounds_organisation_id ON legal_grounds (organisation_id);

-- One referral goes to one receiver. Names nobody: that is in its items.
CREATE TABLE referrals (
    id uuid CONSTRAINT pk_referrals PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_referrals_number UNIQUE,
    interview_id uuid CONSTRAINT fk_referrals_interview_id REFERENCES interviews,
    family_id uuid NOT NULL CONSTRAINT fk_referrals_family_id REFERENCES families,
    sender_id uuid NOT NULL CONSTRAINT fk_referrals_sender_id REFERENCES organisations,
    sent_by uuid NOT NULL CONSTRAINT fk_referrals_sent_by REFERENCES users,
    receiver_id uuid NOT NULL CONSTRAINT fk_referrals_receiver_id REFERENCES organisations,
    facility_id uuid CONSTRAINT fk_referrals_facility_id REFERENCES facilities,
    child_ids uuid[] NOT NULL DEFAULT '{}',
    source text NOT NULL CONSTRAINT ck_referrals_source CHECK
        (source IN ('interview', 'onward', 'api', 'csv', 'paper')),
    -- The sender's own number, so that the same referral sent twice stays one.
    outside_number text CONSTRAINT ck_referrals_outside_number CHECK (length(outside_number) <= 60),
    state text NOT NULL CONSTRAINT ck_referrals_state CHECK (state IN
        ('draft', 'sent', 'received', 'in_contact', 'visited', 'registered', 'used', 'closed',
         'refused', 'passed_on', 'recalled')),
    state_at timestamptz NOT NULL,
    urgency text NOT NULL CONSTRAINT ck_referrals_urgency CHECK
        (urgency IN ('normal', 'soon', 'urgent')),
    target_on date,
    consent_id uuid CONSTRAINT fk_referrals_consent_id REFERENCES consents,
    told_id uuid CONSTRAINT fk_referrals_told_id REFERENCES consents,
    ground_id uuid CONSTRAINT fk_referrals_ground_id REFERENCES legal_grounds,
    -- The same family as the receiver knows it, where it does.
    client_family_id uuid CONSTRAINT fk_referrals_client_family_id REFERENCES families,
    passed_on_from uuid CONSTRAINT fk_referrals_passed_on_from REFERENCES referrals,
    sent_at timestamptz,
    received_at timestamptz,
    contacted_at timestamptz,
    visited_at timestamptz,
    registered_at timestamptz,
    used_at timestamptz,
    next_on date,
    next_by uuid CONSTRAINT fk_referrals_next_by REFERENCES organisations,
    next_what text CONSTRAINT ck_referrals_next_what CHECK (length(next_what) <= 40),
    closed_at timestamptz,
    outcome text CONSTRAINT ck_referrals_outcome CHECK (length(outcome) <= 40),
    outcome_words_sealed bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_referrals_other_body CHECK (receiver_id <> sender_id),
    CONSTRAINT ck_referrals_one_basis CHECK (num_nonnulls(consent_id, ground_id) <= 1)
);
-- A family is referred to a receiver once at a time; the same paper or file never twice.
CREATE UNIQUE INDEX uq_referrals_open ON referrals (family_id, receiver_id, sender_id)
 WHERE state NOT IN ('closed', 'refused', 'passed_on', 'recalled');
CREATE UNIQUE INDEX uq_referrals_outside_number ON referrals (sender_id, receiver_id, outside_number)
 WHERE outside_number IS NOT NULL;
CREATE INDEX ix_referrals_family_id ON referrals (family_id);
CREATE INDEX ix_referrals_client_family_id ON referrals (client_family_id);
CREATE INDEX ix_referrals_sender_id ON referrals (sender_id, state);
CREATE INDEX ix_referrals_receiver_id ON referrals (receiver_id, state);

-- What was passed on, as it was at that moment; the sender's later words are not in it.
CREATE TABLE referral_items (
    id uuid CONSTRAINT pk_referral_items PRIMARY KEY,
    referral_id uuid NOT NULL CONSTRAINT fk_referral_items_referral_id REFERENCES referrals,
    family_id uuid NOT NULL CONSTRAINT fk_referral_items_family_id REFERENCES families,
    item text NOT NULL CONSTRAINT ck_referral_items_item CHECK (length(item) <= 40),
    value_sealed bytea NOT NULL,
    CONSTRAINT uq_referral_items_referral_id UNIQUE (referral_id, item)
);
CREATE INDEX ix_referral_items_family_id ON referral_items (family_id);

CREATE TABLE referral_events (
    id uuid CONSTRAINT pk_referral_events PRIMARY KEY,
    referral_id uuid NOT NULL CONSTRAINT fk_referral_events_referral_id REFERENCES referrals,
    family_id uuid NOT NULL CONSTRAINT fk_referral_events_family_id REFERENCES families,
    organisation_id uuid NOT NULL
        CONSTRAINT fk_referral_events_organisation_id REFERENCES organisations,
    by_user uuid CONSTRAINT fk_referral_events_by_user REFERENCES users,
    kind text NOT NULL CONSTRAINT ck_referral_events_kind CHECK (length(kind) <= 40),
    at timestamptz NOT NULL,
    words_sealed bytea
);
CREATE INDEX ix_referral_events_referral_id ON referral_events (referral_id, at);
CREATE INDEX ix_referral_events_family_id ON referral_events (family_id);

-- 第三者提供の記録: who passed what on to whom, when, and on what it rests. Kept three years.
CREATE TABLE provisions (
    id uuid CONSTRAINT pk_provisions PRIMARY KEY,
    family_id uuid NOT NULL CONSTRAINT fk_provisions_family_id REFERENCES families,
    provider_id uuid NOT NULL CONSTRAINT fk_provisions_provider_id REFERENCES organisations,
    receiver_id uuid NOT NULL CONSTRAINT fk_provisions_receiver_id REFERENCES organisations,
    kind text NOT NULL CONSTRAINT ck_provisions_kind CHECK
        (kind IN ('referral', 'no_show_report', 'worry_report')),
    subject_id uuid NOT NULL,
    items text[] NOT NULL,
    consent_id uuid CONSTRAINT fk_provisions_consent_id REFERENCES consents,
    ground_id uuid CONSTRAINT fk_provisions_ground_id REFERENCES legal_grounds,
    provided_by uuid NOT NULL CONSTRAINT fk_provisions_provided_by REFERENCES users,
    provided_at timestamptz NOT NULL,
    keep_until date NOT NULL,
    CONSTRAINT ck_provisions_one_basis CHECK (num_nonnulls(consent_id, ground_id) = 1),
    CONSTRAINT ck_provisions_items CHECK (cardinality(items) > 0)
);
CREATE INDEX ix_provisions_family_id ON provisions (family_id, provided_at);
CREATE INDEX ix_provisions_provider_id ON provisions (provider_id);
CREATE INDEX ix_provisions_receiver_id ON provisions (receiver_id);
