export default function People(_: { rest: string }) {
  return null;
}
