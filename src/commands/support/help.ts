import { Help, type HelpConfiguration, type Option } from 'commander';

/** A list that is empty unless said is no default that tells anything: `(default: [])`. */
export const helpConfiguration: HelpConfiguration = {
  optionDescription: (option) => new Help().optionDescription(withoutEmptyDefault(option)),
};

function withoutEmptyDefault(option: Option): Option {
  const { defaultValue } = option as { readonly defaultValue?: unknown };
  const isEmpty = Array.isArray(defaultValue) && defaultValue.length === 0;
  if (!isEmpty) return option;
  return Object.create(option, { defaultValue: { value: undefined } }) as Option;
}
