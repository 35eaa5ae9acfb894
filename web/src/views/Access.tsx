export default function Access(_: { rest: string }) {
  return null;
}
