export default function Revenue(_: { rest: string }) {
  return null;
}
