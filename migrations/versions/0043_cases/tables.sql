-- A child that was expected and did not come, or a worry noticed by staff. Names nobody.
CREATE TABLE care_cases (
    id uuid CONSTRAINT pk_care_cases PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_care_cases_number UNIQUE,
    kind text NOT NULL CONSTRAINT ck_care_cases_kind CHECK (kind IN ('no_show', 'worry')),
    family_id uuid NOT NULL CONSTRAINT fk_care_cases_family_id REFERENCES families,
    child_ids uuid[] NOT NULL,
    facility_id uuid NOT NULL CONSTRAINT fk_care_cases_facility_id REFERENCES facilities,
    organisation_id uuid NOT NULL
        CONSTRAINT fk_care_cases_organisation_id REFERENCES organisations,
    -- The unit that did not come (bookings.group_id); no key, so that nothing done to it ends this.
    booking_group_id uuid,
    day date NOT NULL,
    expected_at timestamptz,
    referral_id uuid CONSTRAINT fk_care_cases_referral_id REFERENCES referrals,
    state text NOT NULL CONSTRAINT ck_care_cases_state CHECK (state IN
        ('suspected', 'excused', 'checked', 'reported', 'taken_over', 'closed')),
    state_at timestamptz NOT NULL,
    urgency text NOT NULL CONSTRAINT ck_care_cases_urgency CHECK (urgency IN ('normal', 'urgent')),
    result text CONSTRAINT ck_care_cases_result CHECK (result IN
        ('came_late', 'ill', 'forgot', 'reached_well', 'reached_worried', 'not_reached')),
    raised_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    reported_at timestamptz,
    taken_over_by uuid CONSTRAINT fk_care_cases_taken_over_by REFERENCES organisations,
    taken_over_at timestamptz,
    next_step text CONSTRAINT ck_care_cases_next_step CHECK (length(next_step) <= 40),
    next_step_on date,
    closed_at timestamptz,
    closed_by uuid CONSTRAINT fk_care_cases_closed_by REFERENCES users,
    created_by uuid,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_care_cases_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT ck_care_cases_of_booking CHECK
        (kind <> 'no_show' OR booking_group_id IS NOT NULL AND expected_at IS NOT NULL)
);
CREATE UNIQUE INDEX uq_care_cases_booking_group_id ON care_cases (booking_group_id, day)
 WHERE booking_group_id IS NOT NULL;
CREATE INDEX ix_care_cases_organisation_id ON care_cases (organisation_id, state);
CREATE INDEX ix_care_cases_family_id ON care_cases (family_id);
CREATE INDEX ix_care_cases_referral_id ON care_cases (referral_id);

-- What one receiver was told, and what it answered. Each sees its own alone.
CREATE TABLE care_case_reports (
    id uuid CONSTRAINT pk_care_case_reports PRIMARY KEY,
    case_id uuid NOT NULL CONSTRAINT fk_care_case_reports_case_id REFERENCES care_cases,
    family_id uuid NOT NULL CONSTRAINT fk_care_case_reports_family_id REFERENCES families,
    reporter_id uuid NOT NULL
        CONSTRAINT fk_care_case_reports_reporter_id REFERENCES organisations,
    receiver_id uuid NOT NULL
        CONSTRAINT fk_care_case_reports_receiver_id REFERENCES organisations,
    consent_id uuid CONSTRAINT fk_care_case_reports_consent_id REFERENCES consents,
    ground_id uuid CONSTRAINT fk_care_case_reports_ground_id REFERENCES legal_grounds,
    urgency text NOT NULL CONSTRAINT ck_care_case_reports_urgency CHECK
        (urgency IN ('normal', 'urgent')),
    phoned_at timestamptz,
    items text[] NOT NULL,
    sent_by uuid CONSTRAINT fk_care_case_reports_sent_by REFERENCES users,
    sent_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    seen_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by uuid CONSTRAINT fk_care_case_reports_acknowledged_by REFERENCES users,
    next_step text CONSTRAINT ck_care_case_reports_next_step CHECK (length(next_step) <= 40),
    next_step_by text CONSTRAINT ck_care_case_reports_next_step_by CHECK
        (length(next_step_by) <= 100),
    next_step_on date,
    next_words_sealed bytea,
    done_at timestamptz,
    CONSTRAINT ck_care_case_reports_one_basis CHECK (num_nonnulls(consent_id, ground_id) = 1),
    CONSTRAINT ck_care_case_reports_other_body CHECK (receiver_id <> reporter_id)
);
-- A receiver may be told again; what the clock sent by itself (without a sender) goes out once.
CREATE UNIQUE INDEX uq_care_case_reports_alert ON care_case_reports (case_id, receiver_id)
 WHERE sent_by IS NULL;
CREATE INDEX ix_care_case_reports_case_id ON care_case_reports (case_id);
CREATE INDEX ix_care_case_reports_receiver_id ON care_case_reports (receiver_id, done_at);
CREATE INDEX ix_care_case_reports_family_id ON care_case_reports (family_id);

-- What stands in a report. A row of its own, so that a withdrawn consent hides it and leaves the duty.
CREATE TABLE care_case_words (
    id uuid CONSTRAINT pk_care_case_words PRIMARY KEY,
    report_id uuid NOT NULL CONSTRAINT uq_care_case_words_report_id UNIQUE
        CONSTRAINT fk_care_case_words_report_id REFERENCES care_case_reports,
    family_id uuid NOT NULL CONSTRAINT fk_care_case_words_family_id REFERENCES families,
    words_sealed bytea NOT NULL
);
CREATE INDEX ix_care_case_words_family_id ON care_case_words (family_id);

CREATE TABLE care_case_events (
    id uuid CONSTRAINT pk_care_case_events PRIMARY KEY,
    case_id uuid NOT NULL CONSTRAINT fk_care_case_events_case_id REFERENCES care_cases,
    family_id uuid NOT NULL CONSTRAINT fk_care_case_events_family_id REFERENCES families,
    organisation_id uuid NOT NULL
        CONSTRAINT fk_care_case_events_organisation_id REFERENCES organisations,
    by_user uuid CONSTRAINT fk_care_case_events_by_user REFERENCES users,
    kind text NOT NULL CONSTRAINT ck_care_case_events_kind CHECK (length(kind) <= 40),
    at timestamptz NOT NULL,
    words_sealed bytea
);
CREATE INDEX ix_care_case_events_case_id ON care_case_events (case_id, at);
CREATE INDEX ix_care_case_events_family_id ON care_case_events (family_id);
